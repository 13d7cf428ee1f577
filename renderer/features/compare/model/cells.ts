/** Cells of one track at one metric: value, state and intruder mark of every place. */

import type { ModuleRow } from "../../../../src/contract/domain/cells.ts";
import { maximum, minimum } from "../../../../src/contract/statistics.ts";
import { type Grid, outside, placeKey, type TrackRows } from "./grid.ts";
import { isEstimated, type Metric } from "./metrics.ts";
import type { Decider } from "./test-settings.ts";

/** `absent`: this run did not tune the module; `unmeasured`: it did, but this quantity has no value. */
export type CellState = "value" | "zero" | "estimated" | "waiting" | "failed" | "absent" | "unmeasured";

export interface Cell {
  layer: number;
  kind: string;
  state: CellState;
  value: number | null;
  /** Intruders of all modules of the place; null when not tested. */
  intruders: number | null;
  undecided: number;
  rows: readonly ModuleRow[];
}

export interface CellContext {
  metric: Metric;
  decide: Decider;
}

/** Cells of a track row by row: the grid's kinds, then this run's kinds outside the layers. */
export function trackCells(track: TrackRows, grid: Grid, context: CellContext): { kind: string; cells: Cell[] }[] {
  const inLayers = grid.kinds.map((kind) => ({
    kind,
    cells: grid.layers.map((layer) => cellAt(track, layer, kind, context)),
  }));
  const outsideKinds = track.outsideKinds.filter((kind) => grid.only.length === 0 || grid.only.includes(kind));
  const others = outsideKinds.map((kind) => ({ kind, cells: [cellAt(track, outside, kind, context)] }));
  return [...inLayers, ...others];
}

export function cellAt(track: TrackRows, layer: number, kind: string, context: CellContext): Cell {
  const rows = track.at.get(placeKey(layer, kind)) ?? [];
  if (rows.length === 0) {
    const state = isAwaited(track.run, layer, kind) ? "waiting" : "absent";
    return { layer, kind, state, value: null, intruders: null, undecided: 0, rows };
  }
  return measuredCell(layer, kind, rows, context);
}

function isAwaited({ modules, total, state, planned }: TrackRows["run"], layer: number, kind: string): boolean {
  if (modules >= total && state !== "running") return false;
  return planned === undefined || (layer === outside ? planned.outside : planned.layered).includes(kind);
}

function measuredCell(layer: number, kind: string, rows: readonly ModuleRow[], { metric, decide }: CellContext): Cell {
  const measured = rows.filter(({ status }) => status === "measured");
  const decisions = measured.map(decide);
  const value = strongest(
    metric,
    measured.map((row, index) => metric.value(row, decisions[index])),
  );
  const tested = decisions.filter((decision) => decision !== undefined);
  return {
    layer,
    kind,
    state: stateOf(
      metric,
      measured,
      value,
      decisions.some((decision) => isEstimated(metric.id, decision)),
    ),
    value: value ?? null,
    intruders: tested.length === 0 ? null : tested.reduce((sum, { intruders }) => sum + intruders, 0),
    undecided: tested.reduce((sum, { undecided }) => sum + undecided, 0),
    rows,
  };
}

function stateOf(
  metric: Metric,
  measured: readonly ModuleRow[],
  value: number | undefined,
  estimated: boolean,
): CellState {
  if (measured.length === 0) return "failed";
  if (measured.every(({ frobenius }) => frobenius === 0) && metric.log) return "zero";
  if (value === undefined) return "unmeasured";
  if (value === 0 && metric.log) return "zero";
  return estimated ? "estimated" : "value";
}

/** The value that speaks for several: the highest, or the lowest where low is what matters. */
export function strongest(metric: Metric, values: Iterable<number | null>): number | undefined {
  return metric.strong === "high" ? maximum(values) : minimum(values);
}

/** One cell per layer over all kinds of a track, for its folded form. */
export function foldedCells(
  rows: readonly { cells: readonly Cell[] }[],
  layers: readonly number[],
  metric: Metric,
): Cell[] {
  return layers.map((layer, index) => {
    const column = rows.flatMap(({ cells }) => (cells.length === layers.length ? [cells[index]] : []));
    const cells = column.filter((cell) => cell !== undefined);
    const value = strongest(
      metric,
      cells.map((cell) => cell.value),
    );
    const tested = cells.flatMap(({ intruders }) => (intruders === null ? [] : [intruders]));
    return {
      layer,
      kind: "",
      state:
        value !== undefined
          ? "value"
          : (cells.find(({ state }) => state === "waiting")?.state ?? cells[0]?.state ?? "absent"),
      value: value ?? null,
      intruders: tested.length === 0 ? null : tested.reduce((sum, count) => sum + count, 0),
      undecided: 0,
      rows: cells.flatMap((cell) => cell.rows),
    };
  });
}
