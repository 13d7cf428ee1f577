/** Where the environment lies that the program makes for itself. */
import { homedir } from "node:os";
import { join } from "node:path";
import { defaultWorkspaceFolder } from "../../workspace/workspace.ts";

/** The user's folder for data; a workspace elsewhere does not move it, for it is one for all of them. */
function dataFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return defaultWorkspaceFolder({ ...environment, DELTASCOPE_WORKSPACE: undefined });
}

export function managedFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(dataFolder(environment), "python");
}

export function managedPython(environment: NodeJS.ProcessEnv = process.env): string {
  return pythonIn(managedFolder(environment));
}

/** For what can be found out again. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (process.platform === "win32") return join(dataFolder(environment), "Cache");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "DeltaScope");
  const named = environment.XDG_CACHE_HOME;
  return join(named?.startsWith("/") ? named : join(homedir(), ".cache"), "deltascope");
}

/** The interpreter of a virtual environment. */
export function pythonIn(folder: string): string {
  return process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
}
