/** A database without a file for reading what strangers wrote: it may read one folder, and load and write nothing. */
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

const OPTIONS = {
  threads: "1",
  memory_limit: "1GB",
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
  allow_community_extensions: "false",
};

/** Throws what DuckDB throws; its messages name the file. */
export async function inSandbox<T>(folder: string, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(":memory:", OPTIONS);
  const connection = await instance.connect();
  try {
    await connection.run(`SET allowed_directories = [${literal(folder)}]`);
    await connection.run("SET enable_external_access = false");
    await connection.run("SET lock_configuration = true");
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** A path is read as a pattern; its own brackets and stars stand for themselves. */
export function asPattern(file: string): string {
  return file.replace(/[*?[]/g, "[$&]");
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
