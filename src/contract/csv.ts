/** Tables as text: RFC 4180 with full precision and dots; the first row is the head. */

export type CsvValue = string | number | boolean | null | undefined;

/** Undefined quantities are empty; lines end in a line feed, as in the files that the store writes. */
export function csvOf(rows: readonly (readonly CsvValue[])[]): string {
  return rows.map((row) => `${row.map(csvField).join(",")}\n`).join("");
}

/** A text that a spreadsheet would run as a formula begins with an apostrophe; names come from files. */
function csvField(value: CsvValue): string {
  if (value === null || value === undefined || (typeof value === "number" && !Number.isFinite(value))) return "";
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
