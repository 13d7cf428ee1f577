/** A run's modules as a CSV or Parquet file that DuckDB writes itself: whole, or not at all. */
import { type DuckDBConnection, type DuckDBType, type DuckDBValue, VARCHAR } from "@duckdb/node-api";
import type { SingularVector } from "../../contract/domain/intruder.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { MODULE_COLUMNS, snakeCase } from "./module-columns.ts";
import { queryRows, TEXT_LIST, textList } from "./sql.ts";
import { writeTable } from "./write-table.ts";

/** What Parquet holds of each vector, nested; in CSV the column is the JSON text itself. */
const VECTOR_FIELDS = {
  index: "INTEGER",
  singularValue: "DOUBLE",
  maxCosine: { lower: "DOUBLE", upper: "DOUBLE" },
  intruder: "BOOLEAN",
  energyShare: "DOUBLE",
  deltaShare: "DOUBLE",
  pValue: "DOUBLE",
  word: "VARCHAR",
  spanEnergy: "DOUBLE",
  bestIndex: "INTEGER",
} as const satisfies Record<keyof SingularVector, unknown>;

const vectorMembers = Object.keys(VECTOR_FIELDS).map((field) => `'${snakeCase(field)}': v."${field}"`);
const NESTED_VECTORS = `list_transform(from_json(module.vectors, '${JSON.stringify([VECTOR_FIELDS])}'),
  lambda v: {${vectorMembers.join(", ")}}) AS vectors`;

/**
 * One row per run × module, in the order of the run's members, then by layer and name. An existing `file` is replaced
 * at the end; whether it may be is the caller's question. Throws `run.not-found`, and `output.unwritable` with nothing
 * left behind.
 */
export async function exportRun(
  connection: DuckDBConnection,
  run: string,
  format: "csv" | "parquet",
  file: string,
): Promise<void> {
  const [known] = await queryRows(connection, "SELECT id FROM run WHERE id = $1", [run]);
  if (!known) throw new DeltaScopeError("run.not-found", `There is no stored run ${run}.`, run);
  await copyRows(connection, { from: MEMBERS_OF_RUN, values: [run], types: [VARCHAR] }, format, file);
}

/** The same for whole analyses, under the labels given here. */
export async function exportAnalyses(
  connection: DuckDBConnection,
  members: readonly { analysis: string; label: string; path: string }[],
  format: "csv" | "parquet",
  file: string,
): Promise<void> {
  const columns = [members.map(({ analysis }) => analysis), members.map(({ label }) => label)];
  const values = [...columns, members.map(({ path }) => path)].map(textList);
  await copyRows(connection, { from: MEMBERS_GIVEN, values, types: [TEXT_LIST, TEXT_LIST, TEXT_LIST] }, format, file);
}

/** Where a file's rows come from: a table of members, as SQL, with its values. */
interface Members {
  from: string;
  values: DuckDBValue[];
  types: DuckDBType[];
}

const MEMBERS_OF_RUN = "SELECT position, analysis, label, path, modules FROM run_member WHERE run = $1";
const MEMBERS_GIVEN = `SELECT generate_subscripts($1, 1) AS position, unnest($1) AS analysis, unnest($2) AS label,
  unnest($3) AS path, NULL::VARCHAR[] AS modules`;

async function copyRows(
  connection: DuckDBConnection,
  { from, values, types }: Members,
  format: "csv" | "parquet",
  file: string,
): Promise<void> {
  await writeTable(connection, { sql: selectRows(format, from), values, types }, format, file);
}

function selectRows(format: "csv" | "parquet", members: string): string {
  const measures = MODULE_COLUMNS.map(({ column }) => {
    return column === "vectors" && format === "parquet" ? NESTED_VECTORS : `module."${column}"`;
  });
  return `SELECT member.label AS run, analysis.kind AS run_kind, member.path AS run_path, ${measures.join(", ")}
    FROM (${members}) AS member JOIN analysis ON analysis.id = member.analysis
      JOIN module ON module.analysis = member.analysis
    WHERE member.modules IS NULL OR list_contains(member.modules, module.name)
    ORDER BY member.position, module.layer NULLS LAST, module.name`;
}
