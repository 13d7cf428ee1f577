/** Tail of one module with its decay law and rounding floor, and the exponents of all kinds. */
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { ModuleMeasures } from "../../../../src/contract/domain/analysis.ts";
import type { AppRun, ModuleRow } from "../../../../src/contract/domain/cells.ts";
import { formatTwoDecimals } from "../../../../src/contract/format.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { roundingFloor } from "../../../charts/rounding-floor.ts";
import { TailChart } from "../../../charts/tail.tsx";
import { useEngine } from "../../../client/engine.ts";
import { moduleQuery } from "../../../client/queries.ts";
import { Panel } from "../../../widgets/panel.tsx";
import { Placeholder } from "../../../widgets/placeholder.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { chartNames } from "../model/chart-names.ts";
import { tailChoice } from "../model/choice.ts";
import { exponents, shortKind } from "../model/ranks.ts";
import { fitWords, noiseWords } from "../model/tail-words.ts";
import styles from "../spectra.module.css";
import type { SpectraModel } from "../use-spectra.ts";

export function TailPanel({ model }: { model: SpectraModel }) {
  const { spectra, kind, search, range } = model;
  const choice = useMemo(
    () =>
      tailChoice(
        spectra.map(({ run }) => run),
        spectra.flatMap(({ rows }) => rows),
        kind,
        search,
        range,
      ),
    [spectra, kind, search, range],
  );
  if (!choice) return null;
  const { run, row } = choice;
  const rows = spectra.find((entry) => entry.run.id === run.id)?.rows ?? [];
  return (
    <Panel
      title="Tail"
      flush
      className={styles.tail}
      testId="panel-tail"
      actions={<TailControls model={model} run={run} row={row} rows={rows} />}
    >
      {row ? (
        <TailOf run={run} row={row} />
      ) : (
        <p className={styles.emptyNote}>This run has no stored {kind ?? "module"} in these layers.</p>
      )}
      <Exponents rows={rows} kinds={model.kinds} kind={kind} layer={row?.layer ?? null} />
    </Panel>
  );
}

interface TailControlsProps {
  model: SpectraModel;
  run: AppRun;
  row: ModuleRow | undefined;
  rows: readonly ModuleRow[];
}

function TailControls({ model, run, row, rows }: TailControlsProps) {
  const layers = rows.filter(({ kind }) => kind === model.kind).flatMap(({ layer }) => (layer === null ? [] : [layer]));
  return (
    <span className={styles.controls}>
      <Select
        size="xs"
        aria-label="Run of the tail"
        className={styles.tailRun}
        leftSection={<RunBadge letter={run.letter} />}
        comboboxProps={{ width: 240, position: "bottom-end" }}
        data={model.spectra.map(({ run: { id, label } }) => ({ value: id, label: shortText(label, 24) }))}
        renderOption={({ option }) => (
          <span className={styles.runTitle}>
            <RunBadge letter={model.spectra.find((entry) => entry.run.id === option.value)?.run.letter} />{" "}
            {option.label}
          </span>
        )}
        value={run.id}
        allowDeselect={false}
        onChange={(tail) => tail !== null && model.change({ tail })}
      />
      <Select
        size="xs"
        aria-label="Layer of the tail"
        className={styles.tailLayer}
        data={[...new Set(layers)]
          .sort((a, b) => a - b)
          .map((layer) => ({ value: String(layer), label: `layer ${layer}` }))}
        value={row ? String(row.layer) : null}
        allowDeselect={false}
        onChange={(layer) => layer !== null && model.change({ tail: run.id, at: Number(layer) })}
      />
    </span>
  );
}

function TailOf({ run, row }: { run: AppRun; row: ModuleRow }) {
  const engine = useEngine();
  const { data: module, isPending } = useQuery(moduleQuery(engine, run.id, row.name));
  return (
    <div className={styles.tailChart}>
      {module ? <TailDrawing run={run} module={module} /> : isPending && <Placeholder height="100%" />}
    </div>
  );
}

function TailDrawing({ run, module }: { run: AppRun; module: ModuleMeasures }) {
  const floor = useMemo(() => roundingFloor(module.rounding, run.base.dtype), [module, run]);
  const delta = module.delta;
  if (!delta || delta.frobenius === 0) return <p className={styles.note}>ΔW is zero here: it has no spectrum.</p>;
  const words = fitWords(delta);
  return (
    <>
      <div className={styles.tailPlot}>
        <TailChart
          name={chartNames.tail}
          label={`Singular values of ΔW of ${module.kind}, layer ${module.layer}, run ${run.letter}. ${words}`}
          letter={run.letter}
          values={delta.singularValues}
          decay={delta.decay}
          floor={floor}
        />
      </div>
      <p className={styles.note} data-testid="tail-words">
        {words} {run.kind === "full" ? noiseWords(delta, module.shape) : ""}
      </p>
    </>
  );
}

interface ExponentsProps {
  rows: readonly ModuleRow[];
  kinds: readonly string[];
  kind: string | undefined;
  layer: number | null;
}

/** Columns that the panel has room for. */
const mostKinds = 8;

function Exponents({ rows, kinds, kind, layer }: ExponentsProps) {
  const columns = useMemo(() => exponents(rows, kinds.slice(0, mostKinds), layer), [rows, kinds, layer]);
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Exponent</th>
          {columns.map((column) => (
            <th key={column.kind} scope="col" className={styles.number}>
              {shortKind(column.kind)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row" className={styles.rowName}>
            layer {layer ?? "–"}
          </th>
          {columns.map((column) => (
            <td
              key={column.kind}
              className={`${styles.number} ${column.kind === kind ? styles.chosen : ""} ${column.fits ? "" : styles.loose}`}
              title={column.here !== null && !column.fits ? "a power law fits these values badly" : undefined}
            >
              {formatTwoDecimals(column.here)}
            </td>
          ))}
        </tr>
        <tr>
          <th scope="row" className={styles.rowName}>
            median
          </th>
          {columns.map((column) => (
            <td key={column.kind} className={`${styles.number} ${column.kind === kind ? styles.chosen : ""}`}>
              {formatTwoDecimals(column.median)}
            </td>
          ))}
        </tr>
      </tbody>
    </table>
  );
}
