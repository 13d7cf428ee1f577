/** A run's modules as a CSV or Parquet file that DuckDB writes itself: whole, or not at all. */
import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { SingularVector } from "../../contract/domain/intruder.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { isDamage } from "./failures.ts";
import { MODULE_COLUMNS, snakeCase } from "./module-columns.ts";
import { queryRows } from "./sql.ts";

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

/** Small row groups: rows hold thousands of numbers, and one group must fit the memory of the database. */
const OPTIONS = {
  csv: "FORMAT csv, HEADER true, COMPRESSION none",
  parquet: "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048",
} as const;

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
  const target = path.resolve(file);
  const temporary = path.join(path.dirname(target), `.deltascope-${randomUUID()}.tmp`);
  try {
    await connection.run(`COPY (${selectRows(format)}) TO $2 (${OPTIONS[format]}, USE_TMP_FILE false)`, [
      run,
      temporary,
    ]);
    await syncFile(temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // the first failure is the one to report
    throw isDamage(error) ? error : unwritable(target, error);
  }
}

function selectRows(format: "csv" | "parquet"): string {
  const measures = MODULE_COLUMNS.map(({ column }) => {
    return column === "vectors" && format === "parquet" ? NESTED_VECTORS : `module."${column}"`;
  });
  return `SELECT run_member.label AS run, analysis.kind AS run_kind, run_member.path AS run_path, ${measures.join(", ")}
    FROM run_member JOIN analysis ON analysis.id = run_member.analysis JOIN module ON module.analysis = run_member.analysis
    WHERE run_member.run = $1 AND (run_member.modules IS NULL OR list_contains(run_member.modules, module.name))
    ORDER BY run_member.position, module.layer NULLS LAST, module.name`;
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unwritable(file: string, cause: unknown): DeltaScopeError {
  const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
  return new DeltaScopeError("output.unwritable", `${file} cannot be written: ${reason}`, file, { cause });
}
