/** Cells of modules as cells of a heatmap: colours, labels, names. */
import { formatNumberOf, undefinedQuantity } from "../../../../src/contract/format.ts";
import { median } from "../../../../src/contract/statistics.ts";
import { tableIndex } from "../../../charts/colour.ts";
import type { HeatCell, HeatRow, RowSummary } from "../../../charts/heatmap/cells.ts";
import type { NamedRow } from "../../../charts/heatmap/heatmap-cells.tsx";
import { type Domain, position } from "../../../charts/scale.ts";
import { type Brush, inBrush } from "./brush.ts";
import type { Cell } from "./cells.ts";
import { type Difference, differencePosition, formatDifference } from "./difference.ts";
import { outside, shortKind } from "./grid.ts";
import type { Metric } from "./metrics.ts";

export interface HeatLook {
  metric: Metric;
  difference: Difference | undefined;
  domain: Domain;
  /** Name of the track in sentences and test hooks. */
  letter: string;
}

type CellRow = { kind: string; cells: readonly Cell[] };

export function heatRows(rows: readonly CellRow[], look: HeatLook): HeatRow[] {
  return rows.map(({ kind, cells }) => ({
    id: kind,
    label: shortKind(kind),
    cells: cells.map((cell) => heatCell(cell, look)),
  }));
}

function heatCell(cell: Cell, look: HeatLook): HeatCell {
  return {
    state: cell.state,
    colour: cell.value === null ? 0 : tableIndex(positionOf(cell.value, look)),
    marks: cell.intruders ?? 0,
    label: formatValue(cell.value, look),
  };
}

/** Place on the colour scale; where low is what matters, low is the strong end. */
export function positionOf(value: number, { metric, difference, domain }: HeatLook): number {
  if (difference) return differencePosition(value, domain);
  const place = position(value, domain);
  return metric.strong === "low" ? 1 - place : place;
}

export function formatValue(value: number | null | undefined, { metric, difference }: HeatLook): string {
  return difference ? formatDifference(value, difference) : metric.format(value);
}

/** What stands at the right of each row: the median of what is in sight. */
export function summaries(rows: readonly CellRow[], look: HeatLook, brush: Brush | undefined): RowSummary[] {
  return rows.map(({ kind, cells }) => ({ id: kind, ...summaryOf(cells, look, brush) }));
}

/** Median of a row's values in the brush; "waiting" while there is none. */
function summaryOf(cells: readonly Cell[], look: HeatLook, brush: Brush | undefined): Omit<RowSummary, "id"> {
  const inSight = cells.filter(({ layer }) => layer === outside || inBrush(layer, brush));
  const middle = median(inSight.map(({ value }) => value));
  if (middle !== undefined)
    return { text: formatValue(middle, look), share: look.difference ? undefined : positionOf(middle, look) };
  const waiting = inSight.some(({ state }) => state === "waiting");
  return { text: waiting ? "waiting" : undefinedQuantity, share: undefined };
}

/** Names of all cells, as a screen reader says them. */
export function cellNames(rows: readonly CellRow[], look: HeatLook): NamedRow[] {
  return rows.map(({ kind, cells }) => ({
    id: kind,
    cells: cells.map((cell) => ({ name: cellName(cell, look), testId: cellTestId(look.letter, cell) })),
  }));
}

const stateWords: Partial<Record<Cell["state"], string>> = {
  waiting: "waiting",
  failed: "failed",
  absent: "not tuned",
  unmeasured: "not measured",
  zero: "zero",
};

/** "Run B, layer 31, down_proj, relative change 17.4 %, 5 intruders". */
export function cellName(cell: Cell, look: HeatLook): string {
  const track = look.difference
    ? `Run ${look.difference.first.letter} against ${look.difference.second.letter}`
    : `Run ${look.letter}`;
  const estimated = cell.state === "estimated" ? "about " : "";
  const words = stateWords[cell.state] ?? `${estimated}${formatValue(cell.value, look)}`;
  return [
    track,
    ...(cell.layer === outside ? [] : [`layer ${cell.layer}`]),
    ...(cell.kind === "" ? [] : [cell.kind]),
    `${look.metric.phrase} ${words}`,
    ...(cell.intruders === null ? [] : [formatNumberOf(cell.intruders, "intruder")]),
  ].join(", ");
}

/** `cell-B-31-down_proj`. */
export function cellTestId(letter: string, { layer, kind }: Pick<Cell, "layer" | "kind">): string {
  return `cell-${letter}-${layer === outside ? "x" : layer}-${kind || "all"}`;
}
