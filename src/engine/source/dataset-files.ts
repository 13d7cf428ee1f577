/** Data files of a data set in the local Hugging Face cache. */
import { opendir, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { DatasetSnapshot } from "./hub-cache.ts";
import { isInside } from "./list-files.ts";

/** Files of data sets with many configurations; MMLU has 60 with three each. */
const FILES_MAXIMUM = 5000;
const FORMAT = /\.(parquet|jsonl|ndjson|json|csv|tsv)$/i;

/** Whether rows may be read from a file of this name. */
export function isDataFile(name: string): boolean {
  return FORMAT.test(name);
}

/** Whether a file of the snapshot is the one named, or lies in the folder named; everything is below "". */
export function isBelow(name: string, below: string): boolean {
  const plain = name.replaceAll("\\", "/");
  return below === "" || plain === below || plain.startsWith(`${below}/`);
}

/** Names below the snapshot, Parquet first; links that lead out of the repository are left out. */
export async function listDatasetFiles(snapshot: DatasetSnapshot): Promise<string[]> {
  const names = (await namesIn(snapshot.folder)).map(async (name) => {
    const path = await realpath(join(snapshot.folder, name)).catch(() => undefined);
    const inside = path !== undefined && isInside(path, { root: snapshot.folder, also: snapshot.blobs });
    return inside ? [name] : [];
  });
  return (await Promise.all(names)).flat();
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(folder, { recursive: true })) {
      if (names.length === FILES_MAXIMUM) break;
      if (!entry.isDirectory() && isDataFile(entry.name))
        names.push(join(entry.parentPath, entry.name).slice(folder.length + 1));
    }
  } catch {
    return [];
  }
  const rank = (name: string) => (name.toLowerCase().endsWith(".parquet") ? 0 : 1);
  return names.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
