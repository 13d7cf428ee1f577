/** From what the user typed to files with sizes and times; nothing is read yet. */
import type { BigIntStats } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { DeltaScopeError } from "../../contract/errors.ts";
import { type HubId, isHubAddress, parseHubId } from "../../contract/hub-id.ts";
import { fileError, isAbsent } from "./file-errors.ts";
import { asSnapshot, findSnapshot, type Snapshot } from "./hub-cache.ts";
import { type Bounds, listFiles, probeFiles } from "./list-files.ts";
import { quote } from "./quote.ts";
import type { Source, SourceFile } from "./source.ts";

/**
 * Opens a folder, a single file, or a Hub id in the local cache; a path that exists goes before a Hub id.
 * Throws `source.not-found`, `source.empty`, `source.unreadable` or `source.path-escape`.
 */
export async function openSource(location: string): Promise<Source> {
  const facts = isHubAddress(location) ? undefined : await statIfPresent(location);
  if (facts === undefined) return openFromCache(location);
  const real = await realpath(location).catch((thrown: unknown) => Promise.reject(fileError(thrown, location)));
  if (facts.isDirectory()) return openFolder(location, real);
  if (facts.isFile()) return openFile(location, resolve(location), real, facts);
  throw new DeltaScopeError("source.unreadable", `${location} is neither a file nor a folder.`, location);
}

/** The Hub id that a location stands for; undefined for a path that exists, and for what is no id. */
export async function hubIdOf(location: string): Promise<HubId | undefined> {
  const isPath = !isHubAddress(location) && (await statIfPresent(location)) !== undefined;
  return isPath ? undefined : parseHubId(location);
}

async function statIfPresent(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true });
  } catch (thrown) {
    if (isAbsent(thrown)) return undefined;
    throw fileError(thrown, path);
  }
}

async function openFromCache(location: string): Promise<Source> {
  const id = parseHubId(location);
  if (id === undefined) throw new DeltaScopeError("source.not-found", `${quote(location)} does not exist.`, location);
  return openSnapshot(location, await findSnapshot(id));
}

async function openSnapshot(location: string, snapshot: Snapshot): Promise<Source> {
  const root = snapshot.folder;
  const files = await listFiles({ root, also: snapshot.blobs });
  const { repository, revision } = snapshot;
  return { kind: "hub-cache", location, root, repository, revision, files: notEmpty(files, root), single: undefined };
}

async function openFolder(location: string, root: string): Promise<Source> {
  const snapshot = asSnapshot(root);
  if (snapshot !== undefined) return openSnapshot(location, snapshot);
  const files = notEmpty(await listFiles({ root, also: undefined }), root);
  return { kind: "folder", location, root, repository: undefined, revision: undefined, files, single: undefined };
}

/** The user named this very file, so its own link may lead anywhere; the files beside it obey the folder's rule. */
async function openFile(location: string, path: string, real: string, facts: BigIntStats): Promise<Source> {
  const root = await realpath(dirname(path));
  const name = basename(path);
  const single: SourceFile = { name, path: real, size: Number(facts.size), mtimeNs: facts.mtimeNs };
  const snapshot = asSnapshot(root);
  const beside = await filesBeside(name, { root, also: snapshot?.blobs });
  const files = [...beside.filter((file) => file.name !== name), single].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    kind: "file",
    location,
    root,
    repository: snapshot?.repository,
    revision: snapshot?.revision,
    files,
    single,
  };
}

/** A file that names others needs its folder; one with weights needs only its configuration. */
async function filesBeside(name: string, bounds: Bounds): Promise<SourceFile[]> {
  if (name.endsWith(".json")) return listFiles(bounds);
  return probeFiles(bounds, ["adapter_config.json", "config.json"]);
}

function notEmpty(files: SourceFile[], root: string): SourceFile[] {
  if (files.length === 0) throw new DeltaScopeError("source.empty", `${root} holds no files.`, root);
  return files;
}
