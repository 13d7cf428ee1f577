/** Queries on the measured matrices and vectors of an analysis. */
import { BIGINT, DOUBLE, type DuckDBConnection, type DuckDBValue, INTEGER, VARCHAR } from "@duckdb/node-api";
import { type ModuleMeasures, type VectorMeasures, vectorMeasures } from "../../contract/domain/analysis.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { validated } from "./json.ts";
import { decodeModule, MODULE_SELECT, MODULE_SELECT_SHORT, MODULE_TYPES } from "./module-codec.ts";
import { appendRows, inTransaction, queryDecoded, queryRows, type Row, TEXT_LIST, textList } from "./sql.ts";
import type { VectorRow } from "./types.ts";

const VECTOR_TYPES = [VARCHAR, VARCHAR, INTEGER, VARCHAR, BIGINT, DOUBLE, DOUBLE, DOUBLE];

/** A row ready for its table; its first two values, analysis and name, are its key. */
export type EncodedRow = DuckDBValue[];

export function encodeVector({ analysis, vector }: VectorRow): EncodedRow {
  const { name, layer, kind, length, frobenius, relative, unchangedShare } = vector;
  const numbers = [frobenius, relative, unchangedShare];
  if (numbers.some((value) => value !== null && !Number.isFinite(value))) {
    throw new DeltaScopeError("internal", `${name}: ${numbers.join(", ")} cannot be stored.`, name);
  }
  return [analysis, name, layer, kind, BigInt(length), frobenius, relative, unchangedShare];
}

/** Replaces or adds rows in one transaction; of rows with one key the last one stays. */
export function writeModules(connection: DuckDBConnection, rows: readonly EncodedRow[]): Promise<void> {
  return replaceRows(connection, "module", MODULE_TYPES, rows);
}

export function writeVectors(connection: DuckDBConnection, rows: readonly EncodedRow[]): Promise<void> {
  return replaceRows(connection, "vector", VECTOR_TYPES, rows);
}

async function replaceRows(
  connection: DuckDBConnection,
  table: "module" | "vector",
  types: typeof MODULE_TYPES,
  rows: readonly EncodedRow[],
): Promise<void> {
  const latest = [...new Map(rows.map((row) => [JSON.stringify(row.slice(0, 2)), row])).values()];
  const [analyses, names] = [0, 1].map((index) => textList(latest.map((row) => String(row[index]))));
  await inTransaction(connection, async () => {
    await connection.run(
      `DELETE FROM ${table} WHERE (analysis, name) IN (SELECT unnest($1), unnest($2))`,
      [analyses as DuckDBValue, names as DuckDBValue],
      [TEXT_LIST, TEXT_LIST],
    );
    await appendRows(connection, table, types, latest);
  });
}

/** Names of measured modules; failed ones are left out so that they are tried again. */
export async function storedModuleNames(connection: DuckDBConnection, analysis: string): Promise<ReadonlySet<string>> {
  return names(
    await queryRows(connection, "SELECT name FROM module WHERE analysis = $1 AND status = 'measured'", [analysis]),
  );
}

export async function storedVectorNames(connection: DuckDBConnection, analysis: string): Promise<ReadonlySet<string>> {
  return names(await queryRows(connection, "SELECT name FROM vector WHERE analysis = $1", [analysis]));
}

function names(rows: readonly Row[]): ReadonlySet<string> {
  return new Set(rows.map((row) => String(row.name)));
}

/** Modules in the order of `wanted`, or by layer and name when all are asked for. */
export async function readModules(
  connection: DuckDBConnection,
  analysis: string,
  wanted?: readonly string[],
): Promise<ModuleMeasures[]> {
  if (!wanted) return (await selectModules(connection, "TRUE", [analysis])).sort(byPlace);
  const modules = await selectModules(connection, "name IN (SELECT unnest($2))", [analysis, textList(wanted)]);
  const found = new Map(modules.map((module) => [module.name, module]));
  return [...new Set(wanted)].map((name) => found.get(name)).filter((module) => module !== undefined);
}

/** Modules without their long lists, which stand empty, and without `vectors`: what sentences are derived from. */
export async function readTests(connection: DuckDBConnection, analysis: string): Promise<ModuleMeasures[]> {
  const sql = `SELECT ${MODULE_SELECT_SHORT} FROM module WHERE analysis = $1`;
  return (await queryDecoded(connection, decodeModule, sql, [analysis])).sort(byPlace);
}

/** Not sorted by the database, which would hold all rows for that. */
function selectModules(
  connection: DuckDBConnection,
  condition: string,
  values: DuckDBValue[],
): Promise<ModuleMeasures[]> {
  const sql = `SELECT ${MODULE_SELECT} FROM module WHERE analysis = $1 AND ${condition}`;
  return queryDecoded(connection, decodeModule, sql, values, [VARCHAR, TEXT_LIST].slice(0, values.length));
}

function byPlace(one: ModuleMeasures, other: ModuleMeasures): number {
  const layers = (one.layer ?? Number.POSITIVE_INFINITY) - (other.layer ?? Number.POSITIVE_INFINITY);
  return layers || (one.name < other.name ? -1 : 1); // NaN for two without a layer, which then go by name
}

export function readVectors(connection: DuckDBConnection, analysis: string): Promise<VectorMeasures[]> {
  const sql = `SELECT name, layer, kind, length, frobenius, relative, unchanged_share AS "unchangedShare"
    FROM vector WHERE analysis = $1 ORDER BY layer NULLS LAST, name`;
  return queryDecoded(connection, decodeVector, sql, [analysis]);
}

export function decodeVector(row: Row): VectorMeasures {
  return validated(vectorMeasures, { ...row, length: Number(row.length) }, `vector ${row.name}`);
}
