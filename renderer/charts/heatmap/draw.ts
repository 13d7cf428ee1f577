/** Draws cells on a canvas; only those that changed. */
import { inkOn } from "../colour.ts";
import { type HeatCell, type HeatRow, sameCell } from "./cells.ts";
import { type Box, cellBox, type Geometry, hasLabels } from "./geometry.ts";

export interface Paints {
  table: readonly string[];
  sunken: string;
  hatch: CanvasPattern | string;
  /** What the hatch is made of, for drawings that make their own. */
  hatchGround: string;
  hatchLine: string;
  badWeak: string;
  bad: string;
  quiet: string;
  font: string;
}

const radius = 1.5;
/** Lower rows have no room for a sign, or for a number. */
const lowestSign = 10;
const lowestLabel = 13;
const markSpace = 22;

/** What drawing needs of a canvas; also given by svg-context.ts. */
export type DrawingContext = Pick<
  CanvasRenderingContext2D,
  | "clearRect"
  | "beginPath"
  | "roundRect"
  | "fill"
  | "stroke"
  | "fillText"
  | "setLineDash"
  | "fillStyle"
  | "strokeStyle"
  | "lineWidth"
  | "font"
  | "textAlign"
  | "textBaseline"
>;

/** @param before what the canvas shows now; undefined draws everything */
export function drawRows(
  context: DrawingContext,
  geometry: Geometry,
  rows: readonly HeatRow[],
  paints: Paints,
  before: readonly HeatRow[] | undefined,
): number {
  let drawn = 0;
  context.textBaseline = "middle";
  for (const [rowIndex, row] of rows.entries()) {
    const old = before?.[rowIndex];
    if (old === row) continue;
    const wide = row.cells.length === 1 && geometry.columns !== 1;
    for (const [column, cell] of row.cells.entries()) {
      if (before !== undefined && sameCell(old?.cells[column], cell)) continue;
      drawCell(context, cellBox(geometry, rowIndex, column, wide), cell, paints, hasLabels(geometry) || wide);
      drawn += 1;
    }
  }
  return drawn;
}

function drawCell(context: DrawingContext, box: Box, cell: HeatCell, paints: Paints, labelled: boolean): void {
  context.clearRect(box.x - 0.5, box.y - 0.5, box.width + 1, box.height + 1);
  const ground = groundOf(cell, paints);
  if (ground !== undefined) fillBox(context, box, ground);
  const ink = inkFor(cell, paints);
  if (cell.state === "estimated") dashedBorder(context, box, ink);
  const text = textOf(cell, labelled);
  const lowest = labelled ? lowestLabel : lowestSign;
  if (text === "" || box.height < lowest || box.width < 7) return;
  context.fillStyle = ink;
  context.font = paints.font;
  context.textAlign = "center";
  const shift = labelled && cell.marks > 0 && box.width < 90 ? markSpace / 2 : 0;
  context.fillText(text, box.x + box.width / 2 + shift, box.y + box.height / 2 + 0.5);
}

function groundOf({ state, colour }: HeatCell, { table, hatch, sunken, badWeak }: Paints) {
  if (state === "value" || state === "estimated") return table[colour];
  if (state === "waiting") return hatch;
  if (state === "failed") return badWeak;
  return state === "zero" ? sunken : undefined;
}

function inkFor({ state, colour }: HeatCell, { table, bad, quiet }: Paints): string {
  if (state === "value" || state === "estimated") return inkOn(table[colour] ?? "#000000");
  return state === "failed" ? bad : quiet;
}

/** Values stand in wide cells only; states say themselves everywhere. */
function textOf({ state, label }: HeatCell, labelled: boolean): string {
  if (state === "failed") return "×";
  if (state === "absent" || state === "unmeasured") return "–";
  if (state === "zero") return "0";
  if (state === "waiting") return "";
  if (labelled) return state === "estimated" ? `≈ ${label}` : label;
  return state === "estimated" ? "≈" : "";
}

function fillBox(context: DrawingContext, { x, y, width, height }: Box, fill: string | CanvasPattern): void {
  context.fillStyle = fill;
  context.beginPath();
  context.roundRect(x, y, width, height, radius);
  context.fill();
}

function dashedBorder(context: DrawingContext, { x, y, width, height }: Box, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.setLineDash([2, 2]);
  context.beginPath();
  context.roundRect(x + 0.5, y + 0.5, width - 1, height - 1, radius);
  context.stroke();
  context.setLineDash([]);
}
