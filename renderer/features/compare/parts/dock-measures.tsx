/** Numbers of the selected module: rows × runs; with many runs one line per run. */
import type { ReactNode } from "react";
import {
  formatCosine,
  formatCount,
  formatEffectiveRank,
  formatShare,
  formatSignificant,
  undefinedQuantity,
} from "../../../../src/contract/format.ts";
import type { GlossaryName } from "../../../widgets/glossary.ts";
import { NumberCell } from "../../../widgets/number-cell.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { Term } from "../../../widgets/term.tsx";
import type { CompareModel } from "../compare-model.ts";
import { isEstimated } from "../model/metrics.ts";
import styles from "./dock-measures.module.css";
import type { SelectedModule } from "./use-selected-modules.ts";

interface Measure {
  id: string;
  label: string;
  /** Head of a column where a measure has a column. */
  short: string;
  term?: GlossaryName;
  cell: (module: SelectedModule) => ReactNode;
}

/** More runs have no room as columns. */
const mostColumns = 3;

export function DockMeasures({ compare, modules }: { compare: CompareModel; modules: readonly SelectedModule[] }) {
  const measures = measuresOf(compare.settings.k);
  return modules.length <= mostColumns ? (
    <ByMeasure measures={measures} modules={modules} />
  ) : (
    <>
      <ByRun measures={measures.slice(0, 5)} modules={modules} />
      <ByRun measures={measures.slice(5)} modules={modules} />
    </>
  );
}

function ByMeasure({ measures, modules }: { measures: readonly Measure[]; modules: readonly SelectedModule[] }) {
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Measure</span>
          </th>
          {modules.map(({ run }) => (
            <th key={run.id} scope="col" className={styles.number} title={run.label}>
              <RunBadge letter={run.letter} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {measures.map((measure) => (
          <tr key={measure.id} data-testid={`row-${measure.id}`}>
            <th scope="row">{measure.term ? <Term name={measure.term}>{measure.label}</Term> : measure.label}</th>
            {modules.map((module) => (
              <td key={module.run.id} className={styles.number}>
                {measure.cell(module)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ByRun({ measures, modules }: { measures: readonly Measure[]; modules: readonly SelectedModule[] }) {
  return (
    <table className={`${styles.table} ${styles.dense}`}>
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Run</span>
          </th>
          {measures.map((measure) => (
            <th key={measure.id} scope="col" className={styles.number}>
              {measure.term ? <Term name={measure.term}>{measure.short}</Term> : measure.short}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {modules.map((module) => (
          <tr key={module.run.id} data-testid={`row-${measures[0]?.id}-${module.run.letter}`}>
            <th scope="row" title={module.run.label}>
              <RunBadge letter={module.run.letter} />
            </th>
            {measures.map((measure) => (
              <td key={measure.id} className={styles.number}>
                {measure.cell(module)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function measuresOf(k: number): readonly Measure[] {
  return [
    { id: "intruders", label: `Intruders of top ${k}`, short: "Intr.", term: "intruder", cell: intruderCell },
    { id: "energy", label: "Intruder energy", short: "Energy", term: "intruder energy", cell: energyCell },
    { id: "cosine", label: "Lowest max |cos|", short: "min |cos|", term: "max cos", cell: cosineCell },
    plain("change", "Relative change", "Change", ({ row }) => formatShare(row?.relative), "relative change"),
    plain("erank", "Effective rank", "Eff. rank", ({ row }) => formatEffectiveRank(row?.entropyRank), "effective rank"),
    plain("k50", "k50", "k50", ({ row }) => formatCount(row?.energy50)),
    plain("k90", "k90", "k90", ({ row }) => formatCount(row?.energy90), "k90"),
    plain("sigma", "σ₁ of ΔW", "σ₁", ({ row }) => formatSignificant(row?.spectral)),
    plain("unchanged", "Weights unchanged", "Unch.", ({ row }) => formatShare(row?.unchangedShare), "unchanged"),
  ];
}

function plain(
  id: string,
  label: string,
  short: string,
  text: (module: SelectedModule) => string,
  term?: GlossaryName,
): Measure {
  const cell = (module: SelectedModule) => <NumberCell text={missing(module) ?? text(module)} />;
  return { id, label, short, cell, ...(term && { term }) };
}

/** Why there is no number: not tuned, or failed. */
function missing({ row }: SelectedModule): string | undefined {
  if (row === undefined) return undefinedQuantity;
  return row.status === "failed" ? "×" : undefined;
}

function intruderCell(module: SelectedModule) {
  const { decision } = module;
  const text = decision && `${decision.undecided > 0 ? "≥ " : ""}${decision.intruders}`;
  return <NumberCell text={missing(module) ?? text ?? undefinedQuantity} tone={toneOf(module)} />;
}

function energyCell(module: SelectedModule) {
  const text = missing(module) ?? formatShare(module.decision?.energy);
  return <NumberCell text={text} tone={toneOf(module)} standing={standingOf("energy", module)} />;
}

function cosineCell(module: SelectedModule) {
  const text = missing(module) ?? formatCosine(module.decision?.cosine.lower);
  return <NumberCell text={text} tone={toneOf(module)} standing={standingOf("cosine", module)} />;
}

function toneOf({ decision }: SelectedModule): "intruder" | "plain" {
  return (decision?.intruders ?? 0) > 0 ? "intruder" : "plain";
}

function standingOf(id: "energy" | "cosine", { decision }: SelectedModule): "estimated" | "computed" {
  return isEstimated(id, decision) ? "estimated" : "computed";
}
