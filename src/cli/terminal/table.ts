/** Tables that fit the terminal: gaps shrink first, then the flexible column, then the least important columns go. */
import { displayWidth, fit, padEnd, padStart } from "./width.ts";

export interface Column {
  title: string;
  align: "left" | "right";
  /** May be cut down to `minimum` columns when the table is too wide. */
  flexible?: { minimum: number };
  /** Columns with higher numbers go first when nothing else helps; without it a column always stays. */
  droppable?: number;
}

interface Sized {
  column: Column;
  index: number;
  width: number;
}

const wideGap = 2;
const narrowGap = 1;

/** Lines of the table, head first; cells are plain text without escapes. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const natural = columns.map((column, index) => ({ column, index, width: naturalWidth(column, index, rows) }));
  const { sized, gap } = fitColumns(natural, width);
  const head = sized.map(({ column }) => column.title);
  return [head, ...rows.map((row) => sized.map(({ index }) => row[index] ?? ""))].map((cells) =>
    line(sized, cells, gap),
  );
}

function naturalWidth(column: Column, index: number, rows: readonly (readonly string[])[]): number {
  return rows.reduce((widest, row) => Math.max(widest, displayWidth(row[index] ?? "")), displayWidth(column.title));
}

function totalWidth(columns: readonly Sized[], gap: number): number {
  return columns.reduce((sum, column) => sum + column.width, 0) + gap * Math.max(0, columns.length - 1);
}

function fitColumns(columns: readonly Sized[], width: number): { sized: readonly Sized[]; gap: number } {
  if (totalWidth(columns, wideGap) <= width) return { sized: columns, gap: wideGap };
  const shrunk = shrinkFlexible(columns, totalWidth(columns, narrowGap) - width);
  if (totalWidth(shrunk, narrowGap) <= width) return { sized: shrunk, gap: narrowGap };
  const kept = withoutLeastImportant(columns);
  return kept === undefined ? { sized: shrunk, gap: narrowGap } : fitColumns(kept, width);
}

function shrinkFlexible(columns: readonly Sized[], excess: number): Sized[] {
  let left = excess;
  return columns.map((sized) => {
    const minimum = sized.column.flexible?.minimum;
    if (minimum === undefined || left <= 0) return sized;
    const cut = Math.min(left, Math.max(0, sized.width - minimum));
    left -= cut;
    return { ...sized, width: sized.width - cut };
  });
}

function withoutLeastImportant(columns: readonly Sized[]): Sized[] | undefined {
  const droppable = columns.filter(({ column }) => column.droppable !== undefined);
  const first = droppable.sort((a, b) => (b.column.droppable ?? 0) - (a.column.droppable ?? 0))[0];
  return first && columns.filter((column) => column !== first);
}

function line(columns: readonly Sized[], cells: readonly string[], gap: number): string {
  const padded = columns.map(({ column, width }, position) => {
    const cell = fit(cells[position] ?? "", width);
    return column.align === "left" ? padEnd(cell, width) : padStart(cell, width);
  });
  return padded.join(" ".repeat(gap)).trimEnd();
}
