/** Rows as a CSV or Parquet file that DuckDB writes itself: whole, or not at all. */
import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { type DuckDBConnection, type DuckDBType, type DuckDBValue, VARCHAR } from "@duckdb/node-api";
import { DeltaScopeError, thrownMessage } from "../../contract/errors.ts";
import { isDamage } from "./failures.ts";

/** A query with its bound values. */
export interface Selection {
  sql: string;
  values: DuckDBValue[];
  types: DuckDBType[];
}

/** Small row groups: rows hold thousands of numbers, and one group must fit the memory of the database. */
const OPTIONS = {
  csv: "FORMAT csv, HEADER true, COMPRESSION none",
  parquet: "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048",
} as const;

/** Answers the number of rows. An existing `file` is replaced at the end. Throws `output.unwritable` with nothing left behind. */
export async function writeTable(
  connection: DuckDBConnection,
  { sql, values, types }: Selection,
  format: keyof typeof OPTIONS,
  file: string,
): Promise<number> {
  const target = path.resolve(file);
  const temporary = path.join(path.dirname(target), `.deltascope-${randomUUID()}.tmp`);
  try {
    const { rowsChanged } = await connection.run(
      `COPY (${sql}) TO $${values.length + 1} (${OPTIONS[format]}, USE_TMP_FILE false)`,
      [...values, temporary],
      [...types, VARCHAR],
    );
    await syncFile(temporary);
    await rename(temporary, target);
    return rowsChanged;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // the first failure is the one to report
    throw isDamage(error) ? error : unwritable(target, error);
  }
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
  const reason = thrownMessage(cause).split("\n")[0];
  return new DeltaScopeError("output.unwritable", `${file} cannot be written: ${reason}`, file, { cause });
}
