/** Where a Python may be found, and what it is: asked without importing anything, so no package's code runs. */
import { createHash } from "node:crypto";
import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { askProgram } from "../ask-program.ts";
import { managedPython } from "./managed-folder.ts";

/** Who named an interpreter: the setting, the variable, the program's own environment, or the search path. */
export type Origin = "setting" | "variable" | "managed" | "path";

/** Undefined where nobody named it. */
export function originWords(origin: Origin): string | undefined {
  if (origin === "setting") return "named in the settings";
  return origin === "variable" ? "named by DELTASCOPE_PYTHON" : undefined;
}

export interface Candidate {
  python: string;
  origin: Origin;
}

export interface Interpreter extends Candidate {
  /** `3.11.7`. */
  version: string;
  /** Version of each distribution that is installed. */
  distributions: ReadonlyMap<string, string>;
  /** Changes with the interpreter and with every package. */
  hash: string;
}

export const leastVersion = [3, 10] as const;
const namesOnPath =
  process.platform === "win32" ? ["python.exe"] : ["python3", "python3.13", "python3.12", "python3.11", "python3.10"];

/**
 * In the order in which they are tried. A Python that somebody named stands alone: another one in its place would be a
 * surprise.
 */
export function candidates(setting: string | undefined, environment: NodeJS.ProcessEnv = process.env): Candidate[] {
  if (setting) return [{ python: setting, origin: "setting" }];
  const named = environment.DELTASCOPE_PYTHON;
  if (named) return [{ python: named, origin: "variable" }];
  const onPath = pythonsOnPath(environment).map((python) => ({ python, origin: "path" as const }));
  return [{ python: managedPython(), origin: "managed" }, ...onPath];
}

/** Those that may be run, as full paths. */
export function pythonsOnPath(environment: NodeJS.ProcessEnv = process.env): string[] {
  const folders = (environment.PATH ?? "").split(delimiter).filter(isAbsolute);
  const files = namesOnPath.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...new Set(files)].filter(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const question = `
import json, sys
from importlib import metadata
found = sorted({(d.metadata["Name"] or "").lower().replace("_", "-"): d.version for d in metadata.distributions()}.items())
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "executable": sys.executable, "found": found}))
`;
/** A cold disk, and thousands of packages. */
const patience = 20_000;

/** undefined where it is absent, is no Python 3, or does not answer. */
export async function identify({ python, origin }: Candidate): Promise<Interpreter | undefined> {
  const { code, output } = await askProgram({ program: python, words: ["-I", "-c", question], patience });
  if (code !== 0) return undefined;
  const { version, executable, found } = readAnswer(output);
  if (version === undefined) return undefined;
  const hash = createHash("sha256")
    .update(JSON.stringify([executable, version, found]))
    .digest("hex");
  // A shim of a version manager on the search path may choose another one later; this is the one that answered.
  const itself = origin === "path" && isAbsolute(executable) ? executable : python;
  return { python: itself, origin, version, distributions: new Map(found), hash };
}

interface IdentityAnswer {
  version: string | undefined;
  executable: string;
  found: [string, string][];
}

function readAnswer(text: string): IdentityAnswer {
  const empty: IdentityAnswer = { version: undefined, executable: "", found: [] };
  try {
    const { version, executable, found } = JSON.parse(text) as Record<string, unknown>;
    if (typeof version !== "string" || !/^\d+\.\d+\.\d+$/.test(version) || !Array.isArray(found)) return empty;
    const pairs = found.filter((pair): pair is [string, string] => Array.isArray(pair) && pair.every(isText));
    return { version, executable: String(executable), found: pairs };
  } catch {
    return empty;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Whether `3.11.7` is at least 3.10. */
export function isRecent(version: string, [major, minor]: readonly [number, number] = leastVersion): boolean {
  const [a = 0, b = 0] = version.split(".").map(Number);
  return a > major || (a === major && b >= minor);
}
