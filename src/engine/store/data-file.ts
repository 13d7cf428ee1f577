/** Rows of public data files. The files are hostile: DuckDB may read nothing outside the folder of the one named. */
import { realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { asPattern, inSandbox } from "./sandbox.ts";
import { queryRows } from "./sql.ts";

/** Bounds of the answer: the largest public task has 14,042 rows; a row is no longer than a line of a task file. */
export interface DataLimits {
  rows: number;
  rowBytes: number;
}

/**
 * Rows as JSON text, in the order of the file. CSV comes as `{ "0": …, "1": … }`, all texts, its first row included.
 * Throws what DuckDB throws; its messages name the file.
 */
export async function readDataRows(file: string, format: "parquet" | "csv", limits: DataLimits): Promise<string[]> {
  const source = format === "parquet" ? "read_parquet($1)" : "read_csv($1, header = false, all_varchar = true)";
  // The Hub's cache holds links, and DuckDB follows none out of the folder that it may read.
  const real = await realpath(file).catch(() => file);
  return inSandbox(dirname(real), async (connection) => {
    const rows = await queryRows(
      connection,
      `SELECT CASE WHEN strlen(row) <= ${limits.rowBytes} THEN row END AS row
       FROM (SELECT to_json(source)::VARCHAR AS row FROM ${source} source LIMIT ${limits.rows + 1})`,
      [asPattern(real)],
    );
    return rows.map(({ row }) => (row === null ? "" : String(row)));
  });
}
