/** Opens the database file: settings, one opening per process, and what happens to a damaged one. */
import { existsSync, realpathSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { DeltaScopeError } from "../../contract/errors.ts";
import { isDamage, storeFailure } from "./failures.ts";
import { migrate } from "./migrate.ts";
import { interruptDeadRuns } from "./runs.ts";
import { queryRows } from "./sql.ts";

/**
 * One thread, because the cores belong to the analysis; a memory limit, because rows are small and an engine of
 * 600 MB must not give half of it to its database; nothing is loaded from outside, because a workspace may come from
 * a stranger.
 */
const OPTIONS = {
  threads: "1",
  memory_limit: "256MB",
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
  allow_community_extensions: "false",
  allow_persistent_secrets: "false",
};

/** DuckDB's lock does not hold between two openings in one process, so this process remembers what it has open. */
const openHere = new Set<string>();

export interface Database {
  file: string;
  /** For changes, one at a time. */
  writer: DuckDBConnection;
  /** For questions; sees what is committed. */
  reader: DuckDBConnection;
  recovered: { movedTo: string } | undefined;
  close(): void;
}

/** Throws `store.locked`, `store.newer`, `workspace.not-writable`, `workspace.disk-full` or `store.failed`. */
export async function openDatabase(file: string): Promise<Database> {
  const key = canonical(file);
  if (openHere.has(key))
    throw new DeltaScopeError("store.locked", `The database ${file} is open in this process already.`, file);
  openHere.add(key);
  try {
    const marked = existsSync(marker(file)) ? await moveAside(file) : undefined;
    const { database, movedTo } = await connectOrRecover(file);
    const moved = movedTo ?? marked;
    return {
      file,
      ...database,
      recovered: moved ? { movedTo: moved } : undefined,
      close: () => closeDatabase(key, database),
    };
  } catch (error) {
    openHere.delete(key);
    throw storeFailure(error, file);
  }
}

/** Remembers damage that showed only when rows were read; the next opening moves the database aside. */
export async function markDamaged(file: string, reason: string): Promise<void> {
  await writeFile(marker(file), reason).catch(() => undefined); // the failure that led here is the one to report
}

type Connections = Pick<Database, "writer" | "reader"> & { instance: DuckDBInstance };

async function connectOrRecover(file: string): Promise<{ database: Connections; movedTo?: string }> {
  try {
    return { database: await connect(file) };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const movedTo = await moveAside(file);
    return { database: await connect(file), movedTo };
  }
}

async function connect(file: string): Promise<Connections> {
  const instance = await DuckDBInstance.create(file, OPTIONS);
  try {
    const writer = await instance.connect();
    await refuseForeignObjects(writer, file);
    await migrate(writer, file);
    await interruptDeadRuns(writer);
    return { instance, writer, reader: await instance.connect() };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

/** Views could make a question read other files; this program makes none. */
async function refuseForeignObjects(connection: DuckDBConnection, _file: string): Promise<void> {
  const [row] = await queryRows(connection, "SELECT view_name FROM duckdb_views() WHERE NOT internal LIMIT 1");
  if (row) throw new Error(`Corrupt database file: it holds a view ${row.view_name} that DeltaScope did not make.`);
}

/** Renames the database and its log; nothing is deleted. Returns the new name. */
async function moveAside(file: string): Promise<string> {
  const time = new Date().toISOString().replaceAll(":", "-"); // Windows has no colons in names
  const target = `${file}.damaged-${time}`;
  if (existsSync(`${file}.wal`)) await rename(`${file}.wal`, `${target}.wal`);
  if (existsSync(file)) await rename(file, target);
  await rm(marker(file), { force: true });
  return target;
}

function closeDatabase(key: string, { instance, reader, writer }: Connections): void {
  reader.closeSync();
  writer.closeSync();
  instance.closeSync();
  openHere.delete(key);
}

function marker(file: string): string {
  return `${file}.damaged`;
}

function canonical(file: string): string {
  const folder = path.dirname(path.resolve(file));
  return path.join(existsSync(folder) ? realpathSync(folder) : folder, path.basename(file));
}
