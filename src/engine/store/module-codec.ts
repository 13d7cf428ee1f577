/** A module's measures as a row of real columns and back, bit for bit. */
import { DuckDBListValue, type DuckDBType, type DuckDBValue, listValue, VARCHAR } from "@duckdb/node-api";
import { type ModuleMeasures, moduleMeasures } from "../../contract/domain/analysis.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { encodeBounds } from "./bounds.ts";
import { parseJson, toJsonText, validated } from "./json.ts";
import { MODULE_COLUMNS, type ModuleColumn, NULLABLE_PARTS, NUMBERS } from "./module-columns.ts";
import type { Row } from "./sql.ts";
import type { ModuleRow } from "./types.ts";

type Part = Record<string, unknown>;

/** Types of the columns of `module`: the analysis first, the bounds of both sides last. */
export const MODULE_TYPES: readonly DuckDBType[] = [
  VARCHAR,
  ...MODULE_COLUMNS.map(({ type }) => type),
  NUMBERS,
  NUMBERS,
];

const LIST_COLUMNS = MODULE_COLUMNS.filter(({ type }) => type === NUMBERS);

/** The measures' columns for a SELECT. */
export const MODULE_SELECT = MODULE_COLUMNS.map(({ column }) => `"${column}"`).join(", ");

/** The same with an empty list in the place of each long one, and without the vectors, which the sides hold too. */
export const MODULE_SELECT_SHORT = MODULE_COLUMNS.map(({ column, type }) => {
  if (column === "vectors") return "NULL AS vectors";
  return type === NUMBERS ? `CASE WHEN "${column}" IS NULL THEN NULL ELSE [] END AS "${column}"` : `"${column}"`;
}).join(", ");

/** Values in the order of the table; NaN and infinities throw `internal`, because no document may hold them. */
export function encodeModule({ analysis, module }: ModuleRow): DuckDBValue[] {
  const { left, right } = module.sides;
  return [
    analysis,
    ...MODULE_COLUMNS.map((column) => encodeValue(column, valueAt(module, column.path), module.name)),
    ...[left, right].map((side) => (side ? listValue(encodeBounds(side)) : null)),
  ];
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((part, field) => (part as Part | null | undefined)?.[field], value);
}

function encodeValue({ column, type, json }: ModuleColumn, value: unknown, module: string): DuckDBValue {
  if (value === null || value === undefined) return null;
  if (json) return toJsonText(value);
  if (Array.isArray(value)) return listValue(value.map((item) => finite(item as DuckDBValue, column, module)));
  const plain = finite(value as DuckDBValue, column, module);
  return typeof plain === "number" && type.toString() === "BIGINT" ? BigInt(plain) : plain;
}

function finite(value: DuckDBValue, column: string, module: string): DuckDBValue {
  if (typeof value !== "number" || Number.isFinite(value)) return value;
  throw new DeltaScopeError("internal", `${module}: ${column} is ${value}, which cannot be stored.`, module);
}

/** The measures of a row; a row that breaks the contract throws `store.failed`. */
export function decodeModule(row: Row): ModuleMeasures {
  const module: Part = {};
  for (const column of MODULE_COLUMNS) place(module, column, row[column.column] ?? null);
  for (const { path, always } of NULLABLE_PARTS) nullWhereAbsent(module, path, always);
  const shape = Object.values(module.shape as Part);
  const measures = validated(moduleMeasures, { ...module, shape }, `module ${row.name}`);
  for (const column of LIST_COLUMNS) attachNumbers(measures, column, row);
  return measures;
}

/** Long lists stay out of the schema's hands, which would make an object of each number: 500,000 in a document. */
function attachNumbers(measures: ModuleMeasures, { column, path }: ModuleColumn, row: Row): void {
  const stored = row[column];
  const part = valueAt(measures, path.slice(0, -1)) as Part | null;
  if (!(part && stored instanceof DuckDBListValue)) return;
  if (!stored.items.every(Number.isFinite)) {
    throw new DeltaScopeError("store.failed", `Stored module ${row.name}: ${column} holds a value that is no number.`);
  }
  part[path.at(-1) as string] = stored.items;
}

function place(module: Part, { path, type, json, optional }: ModuleColumn, stored: DuckDBValue): void {
  if (optional && stored === null) return;
  const field = path.at(-1) as string;
  let part = module;
  for (const step of path.slice(0, -1)) {
    part[step] ??= {};
    part = part[step] as Part;
  }
  if (json && typeof stored === "string") part[field] = parseJson(stored, field);
  else part[field] = type === NUMBERS && stored !== null ? [] : plainValue(stored);
}

function plainValue(stored: DuckDBValue): unknown {
  if (typeof stored === "bigint") return Number(stored);
  return stored instanceof DuckDBListValue ? stored.items : stored;
}

function nullWhereAbsent(module: Part, path: readonly string[], always: string): void {
  const parent = valueAt(module, path.slice(0, -1)) as Part;
  const field = path.at(-1) as string;
  if ((parent[field] as Part)[always] === null) parent[field] = null;
}
