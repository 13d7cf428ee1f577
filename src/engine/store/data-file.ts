/** Rows of public data files. The files are hostile: DuckDB may read nothing outside the folder of the one named. */
import { dirname } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { queryRows } from "./sql.ts";

/** Bounds of the answer: the largest public task has 14,042 rows; a row is no longer than a line of a task file. */
export interface DataLimits {
  rows: number;
  rowBytes: number;
}

const OPTIONS = {
  threads: "1",
  memory_limit: "1GB",
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
  allow_community_extensions: "false",
};

/**
 * Rows as JSON text, in the order of the file. CSV comes as `{ "0": …, "1": … }`, all texts, its first row included.
 * Throws what DuckDB throws; its messages name the file.
 */
export async function readDataRows(file: string, format: "parquet" | "csv", limits: DataLimits): Promise<string[]> {
  const instance = await DuckDBInstance.create(":memory:", OPTIONS);
  const connection = await instance.connect();
  try {
    await connection.run(`SET allowed_directories = [${literal(dirname(file))}]`);
    await connection.run("SET enable_external_access = false");
    await connection.run("SET lock_configuration = true");
    const source = format === "parquet" ? "read_parquet($1)" : "read_csv($1, header = false, all_varchar = true)";
    const rows = await queryRows(
      connection,
      `SELECT CASE WHEN strlen(row) <= ${limits.rowBytes} THEN row END AS row
       FROM (SELECT to_json(source)::VARCHAR AS row FROM ${source} source LIMIT ${limits.rows + 1})`,
      [asPattern(file)],
    );
    return rows.map(({ row }) => (row === null ? "" : String(row)));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** A path is read as a pattern; its own brackets and stars stand for themselves. */
function asPattern(file: string): string {
  return file.replace(/[*?[]/g, "[$&]");
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
