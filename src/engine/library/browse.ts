/** Sub-folders and files of a folder that may be opened, for browsers, which have no file dialog that gives paths. */
import { readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileError } from "../source/file-errors.ts";
import { isWithin } from "../source/within.ts";
import { type Places, resolveLinks } from "./places.ts";

/** Entries shown; more are no list to click through. */
const mostEntries = 1_000;

export interface FolderView {
  folder: string;
  parent: string | null;
  entries: { name: string; path: string; kind: "folder" | "model" | "adapter" | "file" }[];
}

/**
 * Hidden folders are left out, and links that lead outside the allowed roots. Files are listed only where their names
 * end in one of `files`.
 * @throws DeltaScopeError `place.not-allowed`, `source.not-found`, `source.unreadable`
 */
export async function browse(
  places: Places,
  folder: string | undefined,
  files: readonly string[] = [],
): Promise<FolderView> {
  const roots = await places.roots();
  const chosen = folder === undefined ? (roots[0] as string) : await resolveLinks(resolve(folder));
  await places.check({ sources: [], files: [chosen] });
  const names = await entryNames(chosen, files);
  const entries = await Promise.all(names.map((name) => entryOf(chosen, name, roots, files)));
  const parent = dirname(chosen);
  return {
    folder: chosen,
    parent: parent !== chosen && roots.some((root) => isWithin(parent, root)) ? parent : null,
    entries: entries.filter((entry) => entry !== undefined),
  };
}

async function entryNames(folder: string, files: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((thrown: unknown) => {
    throw fileError(thrown, folder);
  });
  return entries
    .filter((entry) => !entry.name.startsWith("."))
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink() || (entry.isFile() && isWanted(entry.name, files)))
    .map(({ name }) => name)
    .sort((one, other) => one.localeCompare(other, "en"))
    .slice(0, mostEntries);
}

function isWanted(name: string, files: readonly string[]): boolean {
  return files.some((end) => name.toLowerCase().endsWith(end.toLowerCase()));
}

async function entryOf(
  folder: string,
  name: string,
  roots: readonly string[],
  files: readonly string[],
): Promise<FolderView["entries"][number] | undefined> {
  const path = join(folder, name);
  const real = await resolveLinks(path);
  if (!roots.some((root) => isWithin(real, root))) return undefined;
  if (isWanted(name, files) && (await isKind(real, "isFile"))) return { name, path: real, kind: "file" };
  if (!(await isKind(real, "isDirectory"))) return undefined;
  return { name, path: real, kind: await kindOf(real) };
}

async function kindOf(folder: string): Promise<"folder" | "model" | "adapter"> {
  if (await isKind(join(folder, "adapter_config.json"), "isFile")) return "adapter";
  const weights = ["model.safetensors", "model.safetensors.index.json"].map((name) => join(folder, name));
  const present = await Promise.all(weights.map((path) => isKind(path, "isFile")));
  return present.includes(true) ? "model" : "folder";
}

async function isKind(path: string, kind: "isFile" | "isDirectory"): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.[kind]() ?? false;
}
