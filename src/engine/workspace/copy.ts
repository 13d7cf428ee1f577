/**
 * A look at a workspace that another process holds: its database as it was at one moment, in a folder of our own.
 * DuckDB lets nobody read a file that another process writes, so it is copied.
 */
import { constants, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { copyFile, open, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { DeltaScopeError } from "../../contract/errors.ts";
import { atExit } from "./exit.ts";
import { databaseOf, defaultWorkspaceFolder, type Workspace } from "./workspace.ts";

/** DuckDB's three headers; they change whenever its log is worked into the file. */
const headerBytes = 3 * 4096;
/** The log is worked in every 16 MB and at closing; two of these do not follow each other for long. */
const tries = 20;
const pauseMs = 100;

/**
 * Caches and exports of the copy lie beside it; all of it goes with `release` or the process.
 * @throws DeltaScopeError `store.locked` when there is nothing to copy, or no moment without changes
 */
export async function copyWorkspace(folder: string = defaultWorkspaceFolder()): Promise<Workspace> {
  const absolute = path.resolve(folder);
  const original = databaseOf(absolute);
  const place = mkdtempSync(path.join(tmpdir(), "deltascope-copy-"));
  const forget = atExit(() => rmSync(place, { recursive: true, force: true }));
  const release = (): void => {
    forget();
    rmSync(place, { recursive: true, force: true });
  };
  try {
    const database = databaseOf(place);
    await copyDatabase(original, database);
    for (const name of ["exports", "cache"]) mkdirSync(path.join(place, name));
    return {
      folder: absolute,
      database,
      exports: path.join(place, "exports"),
      cache: path.join(place, "cache"),
      release,
    };
  } catch (thrown) {
    release();
    throw thrown;
  }
}

async function copyDatabase(from: string, to: string): Promise<void> {
  for (let attempt = 0; attempt < tries && existsSync(from); attempt += 1) {
    if (await copyBetweenCheckpoints(from, to)) return;
    await setTimeout(pauseMs);
  }
  const why = existsSync(from) ? "it changed all the time" : "it holds nothing yet";
  throw new DeltaScopeError("store.locked", `The workspace could not be copied: ${why}.`, from);
}

/**
 * The log first: what it says lies in the file already. Both belong together as long as the log was not worked into
 * the file meanwhile; what was added to either since the copy of the log began is not said in that copy.
 */
async function copyBetweenCheckpoints(from: string, to: string): Promise<boolean> {
  const before = await stateOf(from);
  if (before === undefined) return false;
  await rm(log(to), { force: true });
  if (before.logBytes !== undefined) {
    await copyFile(log(from), log(to), constants.COPYFILE_FICLONE);
    // Nothing of what was written while it was copied: its end would be torn.
    await truncate(log(to), before.logBytes);
  }
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const after = await stateOf(from);
  return after?.header.equals(before.header) === true && after.logFile === before.logFile;
}

interface State {
  header: Buffer;
  /** Which file the log is; another one, or none, after it was worked in. */
  logFile: number | undefined;
  logBytes: number | undefined;
}

/** Undefined where there is no database, or it goes just now. */
async function stateOf(file: string): Promise<State | undefined> {
  try {
    const found = await stat(log(file)).catch(() => undefined);
    return { header: await readHeader(file), logFile: found?.ino, logBytes: found?.size };
  } catch {
    return undefined;
  }
}

async function readHeader(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function log(database: string): string {
  return `${database}.wal`;
}
