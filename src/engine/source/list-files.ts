/** What lies in an opened folder, with links followed only where they stay inside. */
import type { Dirent } from "node:fs";
import { opendir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { DeltaScopeError } from "../../contract/errors.ts";
import { fileError, isAbsent } from "./file-errors.ts";
import { quote } from "./quote.ts";
import type { SourceFile } from "./source.ts";
import { isWithin } from "./within.ts";

/** Most entries of the opened folder: the largest public checkpoints have about 200; a folder of data sets has more. */
export const FOLDER_ENTRIES_MAXIMUM = 10_000;
/** Most sub-folders that are looked into: trainers keep some dozen `checkpoint-500`; each costs a few calls. */
export const SUBFOLDERS_MAXIMUM = 1_000;

/** The files that tell what a sub-folder is. Nothing else of it is listed, and none of it is read. */
const TELLING_NAMES = [
  "adapter_config.json",
  "adapter_model.safetensors",
  "config.json",
  "model.safetensors",
  "model.safetensors.index.json",
] as const;

/** Where a folder's files may really lie: the folder itself, and for the Hugging Face cache the repository's blobs. */
export interface Bounds {
  root: string;
  also: string | undefined;
}

/** Files of the folder and the telling ones of its sub-folders, sorted by name; names that start with a dot are left out. */
export async function listFiles(bounds: Bounds): Promise<SourceFile[]> {
  const entries = await readEntries(bounds.root);
  const folders = entries.filter((entry) => entry.isDirectory()).slice(0, SUBFOLDERS_MAXIMUM);
  const rest = entries.filter((entry) => !entry.isDirectory());
  const own = await Promise.all(rest.map((entry) => describe(bounds, entry.name, isRead(entry.name))));
  const inner = await Promise.all(
    folders.flatMap(({ name }) => TELLING_NAMES.map((file) => describe(bounds, `${name}/${file}`, false))),
  );
  const files = [...own, ...inner].filter((file) => file !== undefined);
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Only the named files of a folder, those that are there: for a file typed by name, whatever else lies beside it. */
export async function probeFiles(bounds: Bounds, names: readonly string[]): Promise<SourceFile[]> {
  const found = await Promise.all(names.map((name) => describe(bounds, name, false)));
  return found.filter((file) => file !== undefined);
}

/** Whether the engine would open a root file of this name; only for these a bad link is worth refusing the folder. */
function isRead(name: string): boolean {
  return (
    name.endsWith(".safetensors") ||
    name.endsWith(".index.json") ||
    name === "config.json" ||
    name === "adapter_config.json"
  );
}

async function readEntries(root: string): Promise<Dirent[]> {
  const entries: Dirent[] = [];
  try {
    for await (const entry of await opendir(root, { bufferSize: 256 })) {
      if (entry.name.startsWith(".")) continue;
      if (entries.length === FOLDER_ENTRIES_MAXIMUM) throw tooMany(root);
      entries.push(entry);
    }
  } catch (thrown) {
    throw fileError(thrown, root);
  }
  return entries;
}

function tooMany(root: string): DeltaScopeError {
  const message = `${root} holds more than ${FOLDER_ENTRIES_MAXIMUM} entries; this is no checkpoint folder.`;
  return new DeltaScopeError("source.unreadable", message, root);
}

/**
 * The file with its links resolved. Absent, irregular or outside: undefined, unless `needed`.
 * Throws `source.path-escape` for a needed file outside the bounds and `source.unreadable` for one that is no file.
 */
async function describe(bounds: Bounds, name: string, needed: boolean): Promise<SourceFile | undefined> {
  const typed = join(bounds.root, name);
  try {
    const path = await realpath(typed);
    if (!isInside(path, bounds)) throw leadsOutside(typed, path);
    const facts = await stat(path, { bigint: true });
    if (!facts.isFile()) throw new DeltaScopeError("source.unreadable", `${typed} is not a regular file.`, typed);
    return { name, path, size: Number(facts.size), mtimeNs: facts.mtimeNs };
  } catch (thrown) {
    if (!needed) return undefined;
    if (isAbsent(thrown))
      throw new DeltaScopeError("source.unreadable", `${typed} is a link to a file that is absent.`, typed);
    throw fileError(thrown, typed);
  }
}

export function isInside(path: string, bounds: Bounds): boolean {
  return [bounds.root, bounds.also].some((folder) => folder !== undefined && isWithin(path, folder));
}

function leadsOutside(typed: string, path: string): DeltaScopeError {
  return new DeltaScopeError(
    "source.path-escape",
    `${quote(typed)} is a link to ${quote(path)}, outside the opened folder.`,
    typed,
  );
}
