/** Repositories in the local Hugging Face cache; nothing is downloaded. */
import { existsSync } from "node:fs";
import { open, readdir, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { getHFHubCachePath, getRepoFolderName } from "@huggingface/hub";
import { DeltaScopeError } from "../../contract/errors.ts";
import { type HubId, type HubPlace, isHubName } from "../../contract/hub-id.ts";
import { quote } from "./quote.ts";

/** As the cache tells them apart. */
export interface CachedRepository {
  type: HubPlace["type"];
  /** "owner/name". */
  name: string;
}

/** A snapshot folder of the cache; `blobs` is where its links may lead. */
export interface Snapshot {
  folder: string;
  blobs: string;
  repository: string;
  revision: string;
}

/** A ref file holds one commit id of 40 hexadecimal digits. */
export const REF_BYTES_MAXIMUM = 64;

/** The snapshot of a Hub id in the cache. Throws `source.not-found` naming the folder that was looked in. */
export async function findSnapshot(id: HubId): Promise<Snapshot> {
  const cache = hubCacheFolder();
  const folder = cacheFoldersOf({ type: "model", name: id.repository }).root;
  const commit = (await isFolder(folder)) ? await resolveCommit(folder, id.revision) : undefined;
  if (commit === undefined) throw notCached(id, cache);
  const root = await realpath(folder);
  return {
    folder: join(root, "snapshots", commit),
    blobs: join(root, "blobs"),
    repository: id.repository,
    revision: commit,
  };
}

/** Where the cache keeps a repository; nothing of it may be there yet. */
export function cacheFoldersOf({
  type,
  name,
}: CachedRepository): Record<"root" | "blobs" | "refs" | "snapshots", string> {
  const root = join(hubCacheFolder(), getRepoFolderName({ type, name }));
  return { root, blobs: join(root, "blobs"), refs: join(root, "refs"), snapshots: join(root, "snapshots") };
}

/** Whether a file of this content is in the cache; one of another size is damaged and does not count. */
export async function hasBlob(repository: CachedRepository, etag: string, size: number): Promise<boolean> {
  const facts = await stat(join(cacheFoldersOf(repository).blobs, etag)).catch(() => undefined);
  return facts?.isFile() === true && facts.size === size;
}

/** A folder typed as a path that is a snapshot of the cache, so that its links may lead to the blobs beside it. */
export function asSnapshot(folder: string): Snapshot | undefined {
  const snapshots = dirname(folder);
  const repository = dirname(snapshots);
  const [type, ...name] = basename(repository).split("--");
  if (basename(snapshots) !== "snapshots" || type !== "models" || name.length === 0) return undefined;
  return { folder, blobs: join(repository, "blobs"), repository: name.join("/"), revision: basename(folder) };
}

/** Where the cache lies; it may not exist. */
export function hubCacheFolder(): string {
  return expandHome(getHFHubCachePath());
}

/** Python's package knows `~` in its variables; no shell expands it in a file of them. */
export function expandHome(path: string): string {
  return /^~(?=$|[/\\])/.test(path) ? join(homedir(), path.slice(1)) : path;
}

/** `owner/name` of a folder of the cache; undefined for data sets and for what is no repository. */
export function repositoryOfFolder(name: string): string | undefined {
  const [type, ...parts] = name.split("--");
  return type === "models" && parts.length > 0 && isHubName(parts) ? parts.join("/") : undefined;
}

/** Folder of the snapshot that `main` names, or of the only one; undefined where there is none. */
export async function snapshotOf(repository: string): Promise<string | undefined> {
  return findSnapshot({ repository, revision: undefined }).then(
    ({ folder }) => folder,
    () => undefined,
  );
}

/** A downloaded state of a data set; `blobs` is where its links may lead. */
export interface DatasetSnapshot {
  folder: string;
  blobs: string;
}

/** Whether a data set was ever downloaded. */
export function hasDataset(repository: string): boolean {
  return existsSync(cacheFoldersOf({ type: "dataset", name: repository }).root);
}

/** Snapshots of a data set in the cache, the one that `main` names first; empty where it was never downloaded. */
export async function datasetSnapshots(repository: string): Promise<DatasetSnapshot[]> {
  const root = await datasetRoot(repository);
  if (root === undefined) return [];
  const main = await readRef(join(root, "refs", "main"));
  const commits = await readdir(join(root, "snapshots")).catch(() => []);
  const ordered = commits.sort((a, b) => Number(b === main) - Number(a === main) || (a < b ? -1 : 1));
  return ordered.map((commit) => ({ folder: join(root, "snapshots", commit), blobs: join(root, "blobs") }));
}

/** What a revision names: a commit, or a branch that was downloaded; without one the first of `datasetSnapshots`. */
export async function datasetSnapshot({ repository, revision }: HubId): Promise<DatasetSnapshot | undefined> {
  const root = revision === undefined ? undefined : await datasetRoot(repository);
  if (root === undefined) return (await datasetSnapshots(repository))[0];
  const commit = await resolveCommit(root, revision);
  return commit === undefined ? undefined : { folder: join(root, "snapshots", commit), blobs: join(root, "blobs") };
}

async function datasetRoot(repository: string): Promise<string | undefined> {
  return realpath(cacheFoldersOf({ type: "dataset", name: repository }).root).catch(() => undefined);
}

async function resolveCommit(folder: string, revision: string | undefined): Promise<string | undefined> {
  const wanted = revision ?? "main";
  const commit = (await readRef(join(folder, "refs", wanted))) ?? wanted;
  if (await isFolder(join(folder, "snapshots", commit))) return commit;
  if (revision !== undefined) return undefined;
  // Fetched by commit, no branch is recorded: a single snapshot leaves no doubt.
  const present = await readdir(join(folder, "snapshots")).catch(() => []);
  return present.length === 1 && (await isFolder(join(folder, "snapshots", present[0] as string)))
    ? present[0]
    : undefined;
}

/** The commit that a ref file names; undefined where there is none. */
export async function readRef(path: string): Promise<string | undefined> {
  const file = (await isFile(path)) ? await open(path).catch(() => undefined) : undefined;
  if (file === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(REF_BYTES_MAXIMUM), 0, REF_BYTES_MAXIMUM, 0);
    const text = buffer.toString("utf8", 0, bytesRead).trim();
    return /^[0-9a-f]{40}$/.test(text) ? text : undefined;
  } finally {
    await file.close();
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

function notCached({ repository, revision }: HubId, cache: string): DeltaScopeError {
  const name = revision === undefined ? repository : `${repository}@${revision}`;
  const message = `${quote(name)} is neither a path here nor a repository in the Hugging Face cache ${cache}.`;
  return new DeltaScopeError("source.not-found", message, name);
}
