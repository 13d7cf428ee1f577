/** Order of the table's rows: several keys, undefined values last, and nothing moves until one sorts again. */
import { type ColumnValue, columnOf, type TableRow } from "./table-rows.ts";

export interface SortKey {
  column: string;
  descending: boolean;
}

export const defaultSort: readonly SortKey[] = [
  { column: "intruders", descending: true },
  { column: "change", descending: true },
];

/** `-intruders,layer`; unknown columns are dropped. */
export function parseSort(text: string | undefined): readonly SortKey[] {
  if (text === undefined) return defaultSort;
  const keys = text.split(",").map((key) => ({ column: key.replace(/^-/, ""), descending: key.startsWith("-") }));
  const known = keys.filter(({ column }) => columnOf(column) !== undefined);
  return known.length === 0 ? defaultSort : known;
}

export function sortText(keys: readonly SortKey[]): string {
  return keys.map(({ column, descending }) => (descending ? `-${column}` : column)).join(",");
}

/** A click on a head: the best end first, then the other; with Shift the key joins the ones that hold. */
export function toggleSort(keys: readonly SortKey[], column: string, add: boolean): SortKey[] {
  const present = keys.find((key) => key.column === column);
  const first = columnOf(column)?.numeric ?? false;
  const key = { column, descending: present ? !present.descending : first };
  if (!add) return [key];
  return present ? keys.map((held) => (held.column === column ? key : held)) : [...keys, key];
}

export function sortRows(rows: readonly TableRow[], keys: readonly SortKey[]): TableRow[] {
  const criteria = keys.flatMap(({ column, descending }) => {
    const found = columnOf(column);
    return found ? [{ value: found.value, sign: descending ? -1 : 1 }] : [];
  });
  return [...rows].sort((a, b) => {
    for (const { value, sign } of criteria) {
      const difference = compareValues(value(a), value(b), sign);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

/** Absent values stand last whatever the direction. */
function compareValues(a: ColumnValue, b: ColumnValue, sign: number): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === "number" && typeof b === "number") return (a - b) * sign;
  const [left, right] = [String(a), String(b)];
  return left === right ? 0 : (left < right ? -1 : 1) * sign;
}

export interface Arrangement {
  /** What was asked: sort, filter, runs, and how often "sort again" was chosen. */
  question: string;
  rows: readonly TableRow[];
  /** Rows that came since the last sort; they stand at the end. */
  fresh: number;
}

/** Sorts when the question is new; else rows keep their places and new ones go to the end. */
export function arrange(
  before: Arrangement | undefined,
  question: string,
  rows: readonly TableRow[],
  keys: readonly SortKey[],
): Arrangement {
  if (before === undefined || before.question !== question) return { question, rows: sortRows(rows, keys), fresh: 0 };
  const waiting = new Map(rows.map((row) => [row.id, row]));
  const sortedBefore = before.rows.length - before.fresh;
  const kept: TableRow[] = [];
  let sorted = 0;
  for (const [index, { id }] of before.rows.entries()) {
    const row = waiting.get(id);
    if (row === undefined) continue;
    if (index < sortedBefore) sorted += 1;
    kept.push(row);
    waiting.delete(id);
  }
  const all = [...kept, ...waiting.values()];
  return { question, rows: all, fresh: all.length - sorted };
}
