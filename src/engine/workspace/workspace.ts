/** A folder on disk with one database, caches and exports; one process at a time works in it. */
import { accessSync, constants, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { DeltaScopeError } from "../../contract/errors.ts";
import { atExit } from "./exit.ts";
import { takeLock } from "./lock.ts";

export interface Workspace {
  /** Absolute path. */
  folder: string;
  /** File of the database, for the store. */
  database: string;
  exports: string;
  cache: string;
  /** Gives the lock back; also done when the process ends. */
  release(): void;
}

/** The database of the workspace in `folder`. */
export function databaseOf(folder: string): string {
  return path.join(folder, "workspace.duckdb");
}

/** Where the workspace lies when none is named: $DELTASCOPE_WORKSPACE, else the platform's folder for data. */
export function defaultWorkspaceFolder(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  if (environment.DELTASCOPE_WORKSPACE) return environment.DELTASCOPE_WORKSPACE;
  if (platform === "win32") {
    return path.win32.join(environment.LOCALAPPDATA || path.win32.join(home, "AppData", "Local"), "DeltaScope");
  }
  if (platform === "darwin") return path.posix.join(home, "Library", "Application Support", "DeltaScope");
  // The XDG specification says that a relative path is invalid and to be ignored.
  const data = environment.XDG_DATA_HOME?.startsWith("/")
    ? environment.XDG_DATA_HOME
    : path.posix.join(home, ".local", "share");
  return path.posix.join(data, "deltascope");
}

/**
 * Makes the folder where needed and takes its lock. Throws `store.locked` naming the holder, `workspace.not-writable`
 * or `workspace.disk-full`.
 */
export async function openWorkspace(folder: string = defaultWorkspaceFolder()): Promise<Workspace> {
  const absolute = path.resolve(folder);
  const place = (name: string): string => path.join(absolute, name);
  try {
    for (const name of ["exports", "cache"]) mkdirSync(place(name), { recursive: true });
    accessSync(absolute, constants.W_OK);
    const lock = await takeLock(place("workspace.lock"));
    const forget = atExit(lock.release);
    const release = (): void => {
      forget();
      lock.release();
    };
    return {
      folder: absolute,
      database: databaseOf(absolute),
      exports: place("exports"),
      cache: place("cache"),
      release,
    };
  } catch (error) {
    throw workspaceFailure(absolute, error);
  }
}

function workspaceFailure(folder: string, thrown: unknown): DeltaScopeError {
  if (thrown instanceof DeltaScopeError) return thrown;
  const { code, message } = thrown as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") {
    const sentence = `The disk that holds the workspace ${folder} is full.`;
    return new DeltaScopeError("workspace.disk-full", sentence, folder, { cause: thrown });
  }
  const sentence = `The workspace ${folder} cannot be written: ${message}`;
  return new DeltaScopeError("workspace.not-writable", sentence, folder, { cause: thrown });
}
