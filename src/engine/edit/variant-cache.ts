/** Files of variants in the workspace's cache: made once under a name that says what they hold, the oldest removed. */
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { isAbsent } from "../source/file-errors.ts";
import { requireSpace } from "./output-folder.ts";

/**
 * Most bytes of each kind. Factors of a 7B model with rank 64 have 650 MB; a merged 0.5B model has 2 GB, so that a
 * sweep of one fine-tune over five λ and two arms stays.
 */
export const CACHE_BYTES = { factors: 4 * 2 ** 30, models: 32 * 2 ** 30 } as const;

/** Entries that are never removed for others: the one in use, and the one that is compared with it. */
const KEPT = 2;

export interface CacheEntry {
  /** File or folder name. */
  name: string;
  bytes: number;
  /** Makes it at a path that is not there yet; leaves nothing when it fails. */
  write(path: string): Promise<void>;
}

const inWork = new Map<string, Promise<string>>();

/**
 * The path of an entry, made where it is not there.
 * @throws DeltaScopeError `workspace.disk-full`, and what writing throws
 */
export function cached(kind: keyof typeof CACHE_BYTES, entry: CacheEntry, cache: string): Promise<string> {
  const path = join(cache, "variants", kind, entry.name);
  const running = inWork.get(path);
  if (running) return running;
  const work = findOrMake(path, kind, entry, join(cache, "variants", kind)).finally(() => inWork.delete(path));
  inWork.set(path, work);
  return work;
}

async function findOrMake(
  path: string,
  kind: keyof typeof CACHE_BYTES,
  entry: CacheEntry,
  folder: string,
): Promise<string> {
  const now = new Date();
  const found = await utimes(path, now, now).then(
    () => true,
    (thrown: unknown) => (isAbsent(thrown) ? false : Promise.reject(thrown)),
  );
  if (found) return path;
  await mkdir(folder, { recursive: true });
  await makeRoom(folder, CACHE_BYTES[kind] - entry.bytes);
  await requireSpace(folder, entry.bytes);
  const temporary = join(folder, `new-${entry.name}`);
  await rm(temporary, { recursive: true, force: true }); // left by a process that died
  await entry.write(temporary);
  await rename(temporary, path);
  return path;
}

interface Stored {
  path: string;
  bytes: number;
  usedAt: number;
}

/** Removes what was used longest ago until the rest has at most so many bytes. */
export async function makeRoom(folder: string, bytes: number): Promise<void> {
  const stored = await Promise.all((await readdir(folder)).map((name) => describe(join(folder, name))));
  const newestFirst = stored.sort((one, other) => other.usedAt - one.usedAt);
  let total = newestFirst.reduce((sum, entry) => sum + entry.bytes, 0);
  for (const { path, bytes: freed } of newestFirst.slice(KEPT).reverse()) {
    if (total <= bytes) return;
    await rm(path, { recursive: true, force: true });
    total -= freed;
  }
}

async function describe(path: string): Promise<Stored> {
  const facts = await stat(path);
  if (!facts.isDirectory()) return { path, bytes: facts.size, usedAt: facts.mtimeMs };
  const inside = await Promise.all((await readdir(path)).map(async (name) => (await stat(join(path, name))).size));
  return { path, bytes: inside.reduce((sum, size) => sum + size, 0), usedAt: facts.mtimeMs };
}
