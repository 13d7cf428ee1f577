/** Finds the checkpoints and adapters behind what was dropped or typed: names only, nothing is opened. */
import type { Stats } from "node:fs";
import { opendir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { DeltaScopeError } from "../../contract/errors.ts";
import { isHubAddress } from "../../contract/hub-id.ts";
import { quote } from "../source/quote.ts";

/** Levels below a dropped folder: a whole Hub cache has repository, `snapshots`, commit. */
const deepest = 3;
/** Folders that one call looks into; a disk dropped by accident must end in seconds. */
const mostFolders = 2_000;
/** Entries read of one folder; the telling names of a checkpoint stand among fewer. */
const mostEntries = 20_000;
/** Sources that one call adds: more are no list to look at. */
const mostSources = 200;

/** A location to open, or a named folder that holds nothing to open. */
export type Found = { location: string } | { location: string; error: DeltaScopeError };

/**
 * Sources in the order of the paths, each once. Loose files that belong to none are passed over.
 * @throws DeltaScopeError `library.nothing-found` when nothing but such files was given
 */
export async function discover(paths: readonly string[]): Promise<Found[]> {
  const found = new Map<string, Found>();
  const budget = { folders: mostFolders };
  let loose = 0;
  for (const path of new Set(paths)) {
    const here = await lookAt(path, budget);
    if (here.length === 0) loose += 1;
    for (const one of here) if (found.size < mostSources && !found.has(one.location)) found.set(one.location, one);
  }
  if (found.size === 0) throw nothingFound(paths, loose);
  return [...found.values()];
}

function nothingFound(paths: readonly string[], loose: number): DeltaScopeError {
  const [first = ""] = paths;
  const what = loose === 1 ? `${quote(basename(first))} is no part` : `None of the ${loose} files is a part`;
  return new DeltaScopeError("library.nothing-found", `${what} of a checkpoint or an adapter.`, first);
}

interface Budget {
  folders: number;
}

async function lookAt(path: string, budget: Budget): Promise<Found[]> {
  if (isHubAddress(path)) return [{ location: path }];
  const absolute = resolve(path);
  const facts: Stats | undefined = await stat(absolute).catch(() => undefined);
  if (facts === undefined) return [{ location: looksLikeHubId(path) ? path : absolute }];
  if (!facts.isDirectory()) return locationsOfFile(absolute).map((location) => ({ location }));
  const inside = await walk(absolute, deepest, budget);
  return inside.length > 0
    ? inside.map((location) => ({ location }))
    : [{ location: absolute, error: empty(absolute) }];
}

/** `owner/name`, which the local cache may know. */
function looksLikeHubId(path: string): boolean {
  return /^[\w.-]+\/[\w.@-]+$/.test(path);
}

function empty(folder: string): DeltaScopeError {
  return new DeltaScopeError("source.empty", `${quote(folder)} holds no checkpoint and no adapter.`, folder);
}

/** A file that is a part of a folder's checkpoint stands for the folder; another one with weights for itself. */
function locationsOfFile(path: string): string[] {
  const name = basename(path);
  if (isPartOfFolder(name)) return [dirname(path)];
  return name.endsWith(".safetensors") || isPickle(name) ? [path] : [];
}

function isPartOfFolder(name: string): boolean {
  return (
    /^(config|adapter_config)\.json$/.test(name) ||
    /^(adapter_model|model|model-\d{1,9}-of-\d{1,9})\.safetensors$/.test(name) ||
    name.endsWith(".safetensors.index.json")
  );
}

function isPickle(name: string): boolean {
  return /\.(bin|pt|pth|ckpt)$/.test(name);
}

/** A folder that holds weights is a source and is not looked into; others are, as deep as allowed. */
async function walk(folder: string, levels: number, budget: Budget): Promise<string[]> {
  if (budget.folders <= 0) return [];
  budget.folders -= 1;
  const { files, folders } = await readNames(folder);
  if (files.some(isWeights)) return [folder];
  const found: string[] = [];
  for (const name of levels > 0 ? folders.toSorted() : []) {
    found.push(...(await walk(join(folder, name), levels - 1, budget)));
    if (found.length >= mostSources) break;
  }
  // A configuration alone may belong to a checkpoint whose weights are missing; opening it says which.
  return found.length === 0 && files.some(isPartOfFolder) ? [folder] : found;
}

function isWeights(name: string): boolean {
  return name.endsWith(".safetensors") || name.endsWith(".safetensors.index.json") || isModelPickle(name);
}

function isModelPickle(name: string): boolean {
  return /^(pytorch_model|adapter_model|model|consolidated)\b.{0,64}\.(bin|pt|pth|ckpt)$/.test(name);
}

/** Names of files (links among them) and of real sub-folders; hidden ones and unreadable folders are passed over. */
async function readNames(folder: string): Promise<{ files: string[]; folders: string[] }> {
  const names = { files: [] as string[], folders: [] as string[] };
  try {
    let read = 0;
    for await (const entry of await opendir(folder, { bufferSize: 256 })) {
      read += 1;
      if (read > mostEntries) break;
      if (entry.name.startsWith(".")) continue;
      (entry.isDirectory() ? names.folders : names.files).push(entry.name);
    }
  } catch {
    return names; // a folder that cannot be read holds nothing to offer; opening it by name says why
  }
  return names;
}
