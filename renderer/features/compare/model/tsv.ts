/** Rows as text to paste or save: full precision, dots, SI units. */
import type { Column, TableRow } from "./table-rows.ts";

/** Cells that a spreadsheet would run as a formula get an apostrophe; numbers stay numbers. */
function plainCell(value: number | string | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const flat = value.replace(/[\t\r\n]+/g, " ");
  return /^[=+\-@]/.test(flat) ? `'${flat}` : flat;
}

function cellsOf(row: TableRow, columns: readonly Column[]): (number | string | null)[] {
  return [
    row.row.name,
    ...columns.map((column) => (column.id === "shape" ? row.row.shape.join("×") : column.value(row))),
  ];
}

function headOf(columns: readonly Column[]): string[] {
  return ["module", ...columns.map(({ id }) => id)];
}

export function rowsAsTsv(rows: readonly TableRow[], columns: readonly Column[]): string {
  const lines = [headOf(columns), ...rows.map((row) => cellsOf(row, columns).map(plainCell))];
  return `${lines.map((cells) => cells.join("\t")).join("\n")}\n`;
}

export function rowsAsCsv(rows: readonly TableRow[], columns: readonly Column[]): string {
  const lines = [headOf(columns), ...rows.map((row) => cellsOf(row, columns).map(plainCell))];
  return lines.map((cells) => `${cells.map(quotedCell).join(",")}\r\n`).join("");
}

function quotedCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
