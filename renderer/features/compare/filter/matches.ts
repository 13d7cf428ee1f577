/** Which rows a filter lets through. */
import { isWithin } from "../../../../src/contract/comparison.ts";
import { shortKind } from "../model/grid.ts";
import { columnOf, type TableRow } from "../model/table-rows.ts";
import type { Filter, Term } from "./parse.ts";

export function matches(filter: Filter, row: TableRow): boolean {
  return filter.length === 0 || filter.some((terms) => terms.every((term) => holds(term, row) !== term.negated));
}

function holds(term: Term, row: TableRow): boolean {
  if (term.type === "text") return textHolds(term.text, row);
  if (term.type === "range") return inRange(row.row[term.field], term.from, term.to);
  if (term.type === "word") return term.values.some((value) => wordHolds(term.field, value, row));
  const value = columnOf(term.column)?.value(row);
  return typeof value === "number" && isWithin(value, term.operator, term.value);
}

function inRange(value: number | null, from: number, to: number): boolean {
  return value !== null && value >= from && value <= to;
}

function wordHolds(field: "kind" | "run" | "group" | "status", value: string, { run, row }: TableRow): boolean {
  if (field === "kind") return row.kind.toLowerCase() === value || shortKind(row.kind).toLowerCase() === value;
  if (field === "group") return row.group === value;
  if (field === "status") return row.status === value;
  return run.letter.toLowerCase() === value || run.label.toLowerCase() === value || run.id === value;
}

/** Plain text looks where a reader would: the module's name and the run's. */
function textHolds(text: string, { run, row }: TableRow): boolean {
  const wanted = text.toLowerCase();
  return row.name.toLowerCase().includes(wanted) || run.label.toLowerCase().includes(wanted);
}
