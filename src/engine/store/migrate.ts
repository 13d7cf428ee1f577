/** Brings a database to the newest version, one transaction per step. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { DeltaScopeError } from "../../contract/errors.ts";
import { type Migration, migrations as published } from "./migrations/migrations.ts";
import { inTransaction, queryRows } from "./sql.ts";

/** Throws `store.newer` when a later DeltaScope wrote the database; `file` is named in that error. */
export async function migrate(connection: DuckDBConnection, file: string, migrations = published): Promise<void> {
  await connection.run(
    "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL, applied_at VARCHAR NOT NULL)",
  );
  const version = await currentVersion(connection);
  const newest = migrations.at(-1)?.version ?? 0;
  if (version > newest) {
    const message = `The database ${file} has version ${version}; this DeltaScope knows versions up to ${newest}.`;
    throw new DeltaScopeError("store.newer", message, file);
  }
  for (const migration of migrations) if (migration.version > version) await apply(connection, migration);
}

async function currentVersion(connection: DuckDBConnection): Promise<number> {
  const [row] = await queryRows(connection, "SELECT coalesce(max(version), 0) AS version FROM schema_version");
  return Number(row?.version);
}

async function apply(connection: DuckDBConnection, { version, statements }: Migration): Promise<void> {
  await inTransaction(connection, async () => {
    for (const statement of statements) await connection.run(statement);
    await connection.run("INSERT INTO schema_version VALUES ($1, $2)", [version, new Date().toISOString()]);
  });
}
