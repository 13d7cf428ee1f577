/** Sizes of a heatmap: columns on whole pixels, so that no cell is blurred. */

export interface Geometry {
  columns: number;
  /** Width of all columns, in px. */
  width: number;
  rowHeight: number;
  /** Room for row names at the left. */
  gutter: number;
  /** Room for row summaries at the right. */
  margin: number;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const gutterWidth = 76;
export const marginWidth = 96;
/** Between two cells. */
const gap = 1;
const smallestPitch = 5;
const widestPitch = 200;
const lowestRow = 12;
const highestRow = 24;
/** A cell this wide has room for its value. */
const labelledPitch = 46;

/** Columns that fill the width, within reason. */
export function columnsWidth(available: number, columns: number): number {
  const room = available - gutterWidth - marginWidth;
  const pitch = Math.min(widestPitch, Math.max(smallestPitch, room / Math.max(1, columns)));
  return Math.round(pitch * columns);
}

/** Where rows have to scroll anyway, they may as well be readable. */
const scrolledRow = 16;

/** Rows share what heads leave; they scroll rather than shrink under twelve pixels. */
export function rowHeightFor(available: number, heads: number, rows: number): number {
  if (rows === 0) return highestRow;
  const height = Math.floor((available - heads) / rows);
  return height < lowestRow ? scrolledRow : Math.min(highestRow, height);
}

/** Left edge of a column; the edge after the last one ends the heatmap. */
export function columnEdge({ columns, width }: Geometry, column: number): number {
  return Math.round((column * width) / columns);
}

/** @param wide one cell over all columns */
export function cellBox(geometry: Geometry, row: number, column: number, wide = false): Box {
  const x = wide ? 0 : columnEdge(geometry, column);
  const end = wide ? geometry.width : columnEdge(geometry, column + 1);
  return { x, y: row * geometry.rowHeight, width: end - x - gap, height: geometry.rowHeight - gap };
}

/** Column under a pixel, cut to the existing ones. */
export function columnAt({ columns, width }: Geometry, x: number): number {
  return Math.min(columns - 1, Math.max(0, Math.floor((x / width) * columns)));
}

export function hasLabels({ columns, width }: Geometry): boolean {
  return width / columns >= labelledPitch;
}
