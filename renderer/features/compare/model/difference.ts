/** One run against another, module by module. */

import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import { formatSignificant, formatTick, undefinedQuantity } from "../../../../src/contract/format.ts";
import type { Domain } from "../../../charts/scale.ts";
import type { CompareSearch } from "../search.ts";
import { type Cell, trackCells } from "./cells.ts";
import type { Grid, TrackRows } from "./grid.ts";
import { type Metric, metrics } from "./metrics.ts";
import type { Decider } from "./test-settings.ts";

export interface Difference {
  first: AppRun;
  second: AppRun;
  metric: Metric;
}

/** The pair of the address; without one the first two runs. Undefined with fewer than two. */
export function differenceOf(
  runs: readonly AppRun[],
  { pair, of }: Pick<CompareSearch, "pair" | "of">,
): Difference | undefined {
  const [a, b] = pair?.split("..") ?? [];
  const first = runs.find(({ id }) => id === a) ?? runs.find(({ id }) => id !== b);
  const second = runs.find(({ id }) => id === b && id !== first?.id) ?? runs.find((run) => run !== first);
  return first && second ? { first, second, metric: metrics[of ?? "relative"] } : undefined;
}

/** Values are log₁₀(A / B) where the metric is logarithmic, else A − B. */
export function differenceRows(
  first: TrackRows,
  second: TrackRows,
  grid: Grid,
  metric: Metric,
  decide: Decider,
): { kind: string; cells: Cell[] }[] {
  const context = { metric, decide };
  const others = new Map(trackCells(second, grid, context).map(({ kind, cells }) => [kind, cells]));
  return trackCells(first, grid, context).flatMap(({ kind, cells }) => {
    const opposite = others.get(kind);
    return opposite === undefined
      ? []
      : [{ kind, cells: cells.map((cell, index) => against(cell, opposite[index], metric)) }];
  });
}

function against(cell: Cell, other: Cell | undefined, metric: Metric): Cell {
  const value = other === undefined ? null : differenceValue(cell.value, other.value, metric);
  const rows = [...cell.rows, ...(other?.rows ?? [])];
  const common = { layer: cell.layer, kind: cell.kind, intruders: null, undecided: 0, rows };
  if (value !== null) {
    const estimated = cell.state === "estimated" || other?.state === "estimated";
    return { ...common, state: estimated ? "estimated" : "value", value };
  }
  const states = [cell.state, other?.state];
  const state = (["failed", "waiting", "absent", "zero"] as const).find((candidate) => states.includes(candidate));
  return { ...common, state: state === "zero" ? "unmeasured" : (state ?? "unmeasured"), value: null };
}

export function differenceValue(a: number | null, b: number | null, metric: Metric): number | null {
  if (a === null || b === null) return null;
  if (!metric.log) return a - b;
  return a > 0 && b > 0 ? Math.log10(a / b) : null;
}

/** Where on the diverging scale: 0 is "A more", 1 is "B more". */
export function differencePosition(value: number, { high }: Domain): number {
  return 0.5 - value / (2 * high);
}

/** The same for the ends of a scale, which are round: "A × 30". */
export function formatDifferenceTick(value: number, difference: Difference): string {
  if (value === 0 || !difference.metric.log) return formatDifference(value, difference);
  const letter = value > 0 ? difference.first.letter : difference.second.letter;
  return `${letter} × ${formatTick(Number((10 ** Math.abs(value)).toPrecision(3)))}`;
}

/** "A × 3.2", "B × 10", "equal"; plain differences name the run that has more: "A + 0.12". */
export function formatDifference(value: number | null | undefined, { first, second, metric }: Difference): string {
  if (value === null || value === undefined) return undefinedQuantity;
  if (value === 0) return "equal";
  const letter = value > 0 ? first.letter : second.letter;
  const size = Math.abs(value);
  if (metric.log) return `${letter} × ${formatSignificant(10 ** size)}`;
  return `${letter} + ${metric.format(size)}`;
}
