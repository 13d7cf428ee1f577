/** Rows as text to paste or save: full precision, dots, SI units. */
import type { Column, TableRow } from "./table-rows.ts";

type Value = number | string | null;

/** Head and rows; the module's whole name comes first. */
export function rowsAsTable(rows: readonly TableRow[], columns: readonly Column[]): Value[][] {
  const head = ["module", ...columns.map(({ id }) => id)];
  return [head, ...rows.map((row) => [row.row.name, ...columns.map((column) => cellValue(row, column))].map(plain))];
}

function cellValue(row: TableRow, column: Column): Value {
  return column.id === "shape" ? row.row.shape.join("×") : column.value(row);
}

/** Text neither breaks its row nor runs as a formula of a spreadsheet; numbers stay numbers. */
function plain(value: Value): Value {
  if (typeof value !== "string") return value;
  const flat = value.replace(/[\t\r\n]+/g, " ");
  return /^[=+\-@]/.test(flat) ? `'${flat}` : flat;
}

export function rowsAsTsv(rows: readonly TableRow[], columns: readonly Column[]): string {
  const lines = rowsAsTable(rows, columns).map((cells) => cells.map((cell) => cell ?? "").join("\t"));
  return `${lines.join("\n")}\n`;
}
