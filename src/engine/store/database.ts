/** Opens the database file: settings, one opening per process, and what happens to a damaged one. */
import { existsSync, realpathSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { DeltaScopeError } from "../../contract/errors.ts";
import { interruptDeadAudits } from "./audits.ts";
import { isDamage, storeFailure } from "./failures.ts";
import { migrate } from "./migrate.ts";
import { interruptDeadRuns } from "./runs.ts";
import { queryRows } from "./sql.ts";
import { interruptDeadTrainings } from "./trainings.ts";

/**
 * One thread, because the cores belong to the analysis; a memory limit that holds the largest export (40,000 experts
 * with 1,400 values each are sorted in 500 MB) and that ordinary workspaces never come near; nothing is loaded from
 * outside, because a workspace may come from a stranger.
 */
const OPTIONS = {
  threads: "1",
  memory_limit: "1GB",
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
  /** A connection for one question, because a streamed answer ends when its connection is asked again. */
  connect(): Promise<DuckDBConnection>;
  recovered: { movedTo: string } | undefined;
  /** What a dead process left behind, found at this opening. */
  interrupted: Interrupted;
  close(): void;
}

/** Ids, the newest first. */
export interface Interrupted {
  runs: readonly string[];
  audits: readonly string[];
}

export interface OpenOptions {
  /** A copy of a database that another process works in: its runs go on there, and damage is the copy's own. */
  copy?: boolean;
}

/** Throws `store.locked`, `store.newer`, `workspace.not-writable`, `workspace.disk-full` or `store.failed`. */
export async function openDatabase(file: string, options: OpenOptions = {}): Promise<Database> {
  const key = canonical(file);
  if (openHere.has(key))
    throw new DeltaScopeError("store.locked", `The database ${file} is open in this process already.`, file);
  openHere.add(key);
  try {
    const { connections, movedTo } = await connectOrRecover(file, options);
    const { instance, writer, interrupted } = connections;
    return {
      file,
      writer,
      interrupted,
      connect: () => instance.connect(),
      recovered: movedTo === undefined ? undefined : { movedTo },
      close: () => {
        disconnect(connections);
        openHere.delete(key);
      },
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

interface Connections {
  instance: DuckDBInstance;
  writer: DuckDBConnection;
  interrupted: Interrupted;
}

/** The database is opened even when it is known to be damaged: that tells whether another process works in it. */
async function connectOrRecover(
  file: string,
  { copy = false }: OpenOptions,
): Promise<{ connections: Connections; movedTo?: string }> {
  if (copy) return { connections: await connect(file, async () => ({ runs: [], audits: [] })) };
  try {
    const connections = await connect(file);
    if (!existsSync(marker(file))) return { connections };
    disconnect(connections);
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  const movedTo = await moveAside(file);
  return { connections: await connect(file), movedTo };
}

async function connect(file: string, search = findInterrupted): Promise<Connections> {
  const instance = await DuckDBInstance.create(file, OPTIONS);
  try {
    const writer = await instance.connect();
    await refuseForeignObjects(writer);
    await migrate(writer, file);
    return { instance, writer, interrupted: await search(writer) };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

async function findInterrupted(writer: DuckDBConnection): Promise<Interrupted> {
  await interruptDeadTrainings(writer);
  return { runs: await interruptDeadRuns(writer), audits: await interruptDeadAudits(writer) };
}

function disconnect({ instance, writer }: Connections): void {
  writer.closeSync();
  instance.closeSync();
}

/** Views could make a question read other files; this program makes none. */
async function refuseForeignObjects(connection: DuckDBConnection): Promise<void> {
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

function marker(file: string): string {
  return `${file}.damaged`;
}

function canonical(file: string): string {
  const folder = path.dirname(path.resolve(file));
  return path.join(existsSync(folder) ? realpathSync(folder) : folder, path.basename(file));
}
