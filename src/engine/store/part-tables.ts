/** The Parquet files of a part: what is stored of one share of an analysis, column by column as the tables hold it. */
import { dirname, join } from "node:path";
import { BIGINT, DOUBLE, type DuckDBConnection, DuckDBListValue, INTEGER, VARCHAR } from "@duckdb/node-api";
import { type ModuleOverlap, moduleOverlap } from "../../contract/domain/analysis.ts";
import { toDeltaScopeError } from "../../contract/errors.ts";
import { validated } from "./json.ts";
import { decodeModule } from "./module-codec.ts";
import { MODULE_COLUMNS, NUMBERS, TEXTS } from "./module-columns.ts";
import { decodeVector } from "./modules.ts";
import { asPattern, inSandbox } from "./sandbox.ts";
import { queryRows, type Row, streamRows, TEXT_LIST, textList } from "./sql.ts";
import type { ModuleRow, VectorRow } from "./types.ts";
import { type Selection, writeTable } from "./write-table.ts";

/** How two runs overlap in one module. */
export interface OverlapRow {
  first: string;
  second: string;
  module: ModuleOverlap;
}

/** One file of a part: its columns, and a row of it as the contract has it. */
interface PartTable<T> {
  columns: readonly { column: string; type: { toString(): string } }[];
  /** Throws `store.failed` for rows that break the contract. */
  decode(row: Row): T;
}

const OVERLAP_JSON = '[{"name":"VARCHAR","left":["DOUBLE"],"right":["DOUBLE"],"deltaCosine":"DOUBLE"}]';

function column(name: string, type: { toString(): string }) {
  return { column: name, type };
}

export const MODULE_TABLE: PartTable<ModuleRow> = {
  columns: [column("analysis", VARCHAR), ...MODULE_COLUMNS],
  decode: (row) => ({ analysis: String(row.analysis), module: decodeModule(row) }),
};

export const VECTOR_TABLE: PartTable<VectorRow> = {
  columns: [
    ...[column("analysis", VARCHAR), column("name", VARCHAR), column("layer", INTEGER), column("kind", VARCHAR)],
    ...[column("length", BIGINT), column("frobenius", DOUBLE), column("relative", DOUBLE)],
    column("unchanged_share", DOUBLE),
  ],
  decode: (row) => ({
    analysis: String(row.analysis),
    vector: decodeVector({ ...row, unchangedShare: row.unchanged_share ?? null }),
  }),
};

export const OVERLAP_TABLE: PartTable<OverlapRow> = {
  columns: [
    ...[column("first", VARCHAR), column("second", VARCHAR), column("name", VARCHAR)],
    ...[column("left", NUMBERS), column("right", NUMBERS), column("delta_cosine", DOUBLE)],
  ],
  decode: ({ first, second, name, left, right, delta_cosine: deltaCosine }) => {
    const values = { name, left: listItems(left), right: listItems(right), deltaCosine };
    return {
      first: String(first),
      second: String(second),
      module: validated(moduleOverlap, values, `overlap of ${name}`),
    };
  },
};

function listItems(value: Row[string] | undefined): unknown {
  return value instanceof DuckDBListValue ? value.items : value;
}

/** Names of the files in a part's folder; no other file of it is ever opened. */
export const PART_FILES = {
  modules: "modules.parquet",
  vectors: "vectors.parquet",
  overlaps: "overlaps.parquet",
} as const;

/**
 * What a run of one share stored: the modules of its members, these vectors, and overlaps in those modules. Answers
 * the number of rows of each file.
 */
export async function exportPart(
  connection: DuckDBConnection,
  { run, vectors }: { run: string; vectors: readonly string[] },
  folder: string,
): Promise<Record<keyof typeof PART_FILES, number>> {
  const tables: [keyof typeof PART_FILES, Selection][] = [
    ["modules", { sql: moduleRows(), values: [run], types: [VARCHAR] }],
    ["vectors", { sql: vectorRows(), values: [run, textList(vectors)], types: [VARCHAR, TEXT_LIST] }],
    ["overlaps", { sql: OVERLAP_ROWS, values: [run], types: [VARCHAR] }],
  ];
  const rows = { modules: 0, vectors: 0, overlaps: 0 };
  for (const [name, selection] of tables) {
    rows[name] = await writeTable(connection, selection, "parquet", join(folder, PART_FILES[name]));
  }
  return rows;
}

const WANTED = "(SELECT DISTINCT analysis, unnest(modules) AS name FROM run_member WHERE run = $1)";

function columnsOf(table: PartTable<unknown>, alias: string): string {
  return table.columns.map((one) => `${alias}."${one.column}"`).join(", ");
}

function moduleRows(): string {
  return `SELECT ${columnsOf(MODULE_TABLE, "module")} FROM ${WANTED} wanted
    JOIN module ON module.analysis = wanted.analysis AND module.name = wanted.name
    ORDER BY module.analysis, module.layer NULLS LAST, module.name`;
}

function vectorRows(): string {
  return `SELECT ${columnsOf(VECTOR_TABLE, "vector")} FROM vector
    WHERE analysis IN (SELECT analysis FROM run_member WHERE run = $1) AND name IN (SELECT unnest($2))
    ORDER BY analysis, layer NULLS LAST, name`;
}

const OVERLAP_ROWS = `SELECT first, second, item.name AS name, item."left" AS "left", item."right" AS "right",
    item."deltaCosine" AS delta_cosine
  FROM (SELECT first, second, unnest(from_json(modules, '${OVERLAP_JSON}')) AS item FROM overlap
    WHERE first IN (SELECT analysis FROM run_member WHERE run = $1)
      AND second IN (SELECT analysis FROM run_member WHERE run = $1))
  WHERE item.name IN (SELECT name FROM ${WANTED}) ORDER BY first, second, name`;

/** Bounds of a file of a part. */
export interface PartLimits {
  rows: number;
  rowBytes: number;
}

/** What is wrong with a file of a part, in words that follow its name. */
export class PartDamage extends Error {}

/**
 * Hands the rows of a part's file on in small heaps, each row checked against the contract. The file is hostile: its
 * columns and their types must be those of `table`, and its size is looked at before any row is.
 * Throws PartDamage, what DuckDB throws, and what `take` throws.
 */
export function readPartFile<T>(
  file: string,
  table: PartTable<T>,
  limits: PartLimits,
  take: (rows: T[]) => Promise<void> | void,
): Promise<void> {
  return inSandbox(dirname(file), async (connection) => {
    const source = [asPattern(file)];
    await checkColumns(connection, table, source);
    await checkSize(connection, table, source, limits);
    const sql = `SELECT ${columnsOf(table, "part")} FROM read_parquet($1) AS part`;
    for await (const turn of streamRows(connection, sql, source)) await take(turn.map((row) => decoded(table, row)));
  });
}

function decoded<T>(table: PartTable<T>, row: Row): T {
  try {
    return table.decode(row);
  } catch (thrown) {
    throw new PartDamage(toDeltaScopeError(thrown).message);
  }
}

/** The number of rows stands in the file's foot: no row is read before it is known to be as promised. */
async function checkSize(
  connection: DuckDBConnection,
  table: PartTable<unknown>,
  source: string[],
  limits: PartLimits,
): Promise<void> {
  const ask = async (quantity: string): Promise<number> => {
    const [row] = await queryRows(connection, `SELECT ${quantity} AS answer FROM read_parquet($1) AS part`, source);
    return Number(row?.answer);
  };
  const rows = await ask("count(*)");
  if (rows !== limits.rows) throw new PartDamage(`it has ${rows} rows where ${limits.rows} are promised`);
  const longest = await ask(`coalesce(max(${rowSize(table)}), 0)`);
  if (longest <= limits.rowBytes) return;
  throw new PartDamage(`a row has ${longest} bytes, more than the limit of ${limits.rowBytes}`);
}

async function checkColumns(connection: DuckDBConnection, table: PartTable<unknown>, source: string[]): Promise<void> {
  const found = new Map(
    (await queryRows(connection, "DESCRIBE SELECT * FROM read_parquet($1)", source)).map((row) => [
      row.column_name,
      String(row.column_type),
    ]),
  );
  for (const { column: name, type } of table.columns) {
    const stored = found.get(name);
    if (stored === undefined) throw new PartDamage(`its column ${name} is missing`);
    if (stored !== type.toString()) throw new PartDamage(`its column ${name} holds ${stored}, not ${type}`);
  }
}

/** Bytes of a row's texts and lists, as SQL. */
function rowSize(table: PartTable<unknown>): string {
  const sizes = table.columns.flatMap(({ column: name, type }) => {
    if (type === NUMBERS) return [`8 * coalesce(len(part."${name}"), 0)`];
    if (type === TEXTS) return [`coalesce(strlen(part."${name}"::VARCHAR), 0)`];
    return type === VARCHAR ? [`coalesce(strlen(part."${name}"), 0)`] : [];
  });
  return sizes.join(" + ");
}
