/** One row per run. */
import { countedModules } from "../../contract/counted-modules.ts";
import type { AnalysisDocument, RunDocument } from "../../contract/domain/analysis.ts";
import {
  formatCount,
  formatEffectiveRank,
  formatSeconds,
  formatShare,
  formatSignificant,
} from "../../contract/format.ts";
import { maximum, median } from "../../contract/statistics.ts";
import { shortText } from "../../contract/text.ts";
import type { Style } from "../terminal/style.ts";
import { type Column, tableLines } from "../terminal/table.ts";

const columns: readonly Column[] = [
  { title: "run", align: "left", flexible: { minimum: 8 } },
  { title: "kind", align: "left", flexible: { minimum: 4 } },
  { title: "modules", align: "right" },
  { title: "intruders", align: "right" },
  { title: "energy", align: "right", droppable: 3 },
  { title: "ΔW/W0", align: "right" },
  { title: "eff. rank", align: "right" },
  { title: "k90", align: "right", droppable: 2 },
  { title: "σ₁(ΔW)", align: "right", droppable: 4 },
  { title: "time", align: "right", droppable: 5 },
];

export function runTable({ runs }: AnalysisDocument, width: number, style: Style): string[] {
  if (runs.length === 0) return [];
  const [head = "", ...rows] = tableLines(columns, runs.map(runRow), width);
  return [style.dim(head), ...rows];
}

function runRow(run: RunDocument): string[] {
  const deltas = countedModules(run).flatMap(({ delta }) => (delta ? [delta] : []));
  const { totals } = run;
  return [
    shortText(run.label),
    kindName(run),
    totals.failed > 0
      ? `${formatCount(totals.modules - totals.failed)} of ${formatCount(totals.modules)}`
      : formatCount(totals.modules),
    intruderCell(run),
    formatShare(totals.intruderEnergy),
    formatShare(totals.relativeDelta),
    formatEffectiveRank(median(deltas.map(({ effectiveRank }) => effectiveRank.entropy))),
    formatCount(median(deltas.map(({ effectiveRank }) => effectiveRank.energy90))),
    formatSignificant(maximum(deltas.map(({ spectral }) => spectral))),
    formatSeconds(run.modules.reduce((sum, { seconds }) => sum + seconds, 0)),
  ];
}

function kindName({ kind, adapter }: RunDocument): string {
  if (kind === "full") return "full";
  const variants = adapter?.variants.includes("dora") ? "DoRA" : shortText(adapter?.type ?? "adapter", 12);
  return adapter?.rank === null || adapter === null ? variants : `${variants} r${adapter.rank}`;
}

function intruderCell({ totals }: RunDocument): string {
  const { intruders, modulesWithIntruders, undecided } = totals;
  if (intruders === null) return "–";
  const open = undecided ? `+${undecided}?` : "";
  return intruders === 0 ? `0${open}` : `${formatCount(intruders)}${open} in ${formatCount(modulesWithIntruders)}`;
}
