/** What the modules in sight add up to, per run; the same rules as the engine's totals. */
import type { ModuleRow } from "../../../../src/contract/domain/cells.ts";
import { median } from "../../../../src/contract/statistics.ts";
import { type Brush, inBrush } from "./brush.ts";
import type { Decider } from "./test-settings.ts";

export interface Totals {
  modules: number;
  failed: number;
  /** Null when nothing was tested. */
  intruders: number | null;
  undecided: number;
  withIntruders: number;
  /** Share of Σ‖ΔW‖² along the intruders, over tested modules. */
  energy: number | null;
  effectiveRank: number | undefined;
  /** √Σ‖ΔW‖² / √Σ‖W0‖². */
  relative: number | undefined;
}

/** Modules that count: in brush and kinds; embeddings and head only when a run has nothing else. */
export function countedRows(
  rows: readonly ModuleRow[],
  brush: Brush | undefined,
  kinds: readonly string[] = [],
): ModuleRow[] {
  const inLayers = rows.filter(({ group }) => group !== "embedding" && group !== "head");
  const counted = inLayers.length === 0 ? rows : inLayers;
  return counted.filter(({ layer, kind }) => inBrush(layer, brush) && (kinds.length === 0 || kinds.includes(kind)));
}

/** @param rows as `countedRows` gives them */
export function totalsOf(rows: readonly ModuleRow[], decide: Decider): Totals {
  const measured = rows.filter(({ status }) => status === "measured");
  return {
    modules: rows.length,
    failed: rows.length - measured.length,
    ...intruderTotals(measured, decide),
    effectiveRank: median(measured.map(({ entropyRank }) => entropyRank)),
    relative: relativeChange(measured),
  };
}

function intruderTotals(measured: readonly ModuleRow[], decide: Decider) {
  let [tested, intruders, undecided, withIntruders, along, whole] = [0, 0, 0, 0, 0, 0];
  for (const row of measured) {
    const decision = decide(row);
    if (decision === undefined) continue;
    tested += 1;
    intruders += decision.intruders;
    undecided += decision.undecided;
    if (decision.intruders > 0) withIntruders += 1;
    along += decision.energy * (row.frobenius ?? 0) ** 2;
    whole += (row.frobenius ?? 0) ** 2;
  }
  const energy = whole === 0 ? null : along / whole;
  return { intruders: tested === 0 ? null : intruders, undecided, withIntruders, energy };
}

/** ‖W0‖ of a module is ‖ΔW‖ over the relative change; a module without change or without base says nothing of it. */
function relativeChange(measured: readonly ModuleRow[]): number | undefined {
  let [delta, base] = [0, 0];
  for (const { frobenius, relative } of measured) {
    if (frobenius === null || !relative) continue;
    delta += frobenius ** 2;
    base += (frobenius / relative) ** 2;
  }
  return base === 0 ? undefined : Math.sqrt(delta / base);
}
