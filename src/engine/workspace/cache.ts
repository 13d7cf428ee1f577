/** The workspace's cache folder: everything in it can be made again. */
import type { Dirent } from "node:fs";
import { lstat, readdir, rm } from "node:fs/promises";
import path from "node:path";

/** Bytes of all files below; links are not followed, what goes away meanwhile counts as nothing. */
export async function cacheBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
  let bytes = 0;
  for (const entry of entries) {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) bytes += await cacheBytes(place);
    else if (entry.isFile()) bytes += (await lstat(place).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}

/** Removes what is in the folder, never what links lead to. */
export async function clearCache(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(path.join(folder, name), { recursive: true, force: true });
}
