/** A state of a repository in the cache, laid out as Python's package does: links of its names to blobs, and its branch. */
import { randomBytes } from "node:crypto";
import { copyFile, link, mkdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemCode } from "../source/file-errors.ts";
import { cacheFoldersOf, readRef } from "../source/hub-cache.ts";
import { writeFailure } from "./blob.ts";
import { isWeights } from "./needed-files.ts";
import type { HubFile, HubRepository } from "./repository.ts";

export function snapshotFolder(repository: HubRepository): string {
  return join(cacheFoldersOf(repository).snapshots, repository.commit);
}

/**
 * Gives loaded files their names, the weights last, so that a snapshot with weights is a whole one.
 * @throws DeltaScopeError `hub.disk-full`, `output.unwritable`
 */
export async function writeSnapshot(repository: HubRepository, files: readonly HubFile[]): Promise<void> {
  const { refs } = cacheFoldersOf(repository);
  const folder = snapshotFolder(repository);
  try {
    await mkdir(folder, { recursive: true });
    for (const file of weightsLast(files)) await writeName(repository, folder, file);
    if (repository.asked !== undefined) await writeRef(join(refs, repository.asked), repository.commit);
  } catch (thrown) {
    throw writeFailure(thrown, folder);
  }
}

/** By kind, since the weights of an adapter are often smaller than its tokenizer. */
function weightsLast(files: readonly HubFile[]): HubFile[] {
  return files.toSorted((one, other) => Number(isWeights(one.name)) - Number(isWeights(other.name)));
}

async function writeName(
  repository: HubRepository,
  folder: string,
  { name: file, etag, size }: HubFile,
): Promise<void> {
  const path = join(folder, file);
  if ((await stat(path).catch(() => undefined))?.size === size) return;
  await mkdir(dirname(path), { recursive: true });
  const { blobs } = cacheFoldersOf(repository);
  // From the link's own folder: out of the data set's folders, then out of the snapshot.
  const up = "../".repeat(file.split("/").length + 1);
  await putInPlace(path, (temporary) => pointTo(join(blobs, etag), temporary, `${up}blobs/${etag}`));
}

async function putInPlace(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await make(temporary);
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

/** Windows allows links to developers only, and some file systems know none: then the bytes get a second name, or a copy. */
async function pointTo(blob: string, path: string, seen: string): Promise<void> {
  try {
    await symlink(seen, path, "file");
  } catch (thrown) {
    if (systemCode(thrown) === "ENOSPC") throw thrown;
    await link(blob, path).catch(() => copyFile(blob, path));
  }
}

/** Not touched where it says so already: a cache may be readable only. */
async function writeRef(path: string, commit: string): Promise<void> {
  if ((await readRef(path)) === commit) return;
  await mkdir(dirname(path), { recursive: true });
  await putInPlace(path, (temporary) => writeFile(temporary, commit));
}
