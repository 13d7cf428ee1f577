/** The parts that were named: folders of parts, or folders that hold such folders. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { mostShards, partWorkspace } from "../../contract/domain/part.ts";
import { MANIFEST_NAME } from "./part-folder.ts";

/** Twice the largest array, so that a folder of something else is not searched for long. */
const MOST_ENTRIES = 2 * mostShards;

/** In the order named, the parts of one folder by name, unfinished ones too; a folder without any stands for itself. */
export async function findParts(places: readonly string[]): Promise<string[]> {
  const found = await Promise.all(places.map(partsAt));
  return [...new Set(found.flat())];
}

async function partsAt(place: string): Promise<string[]> {
  if (existsSync(join(place, MANIFEST_NAME))) return [place];
  const entries = await readdir(place, { withFileTypes: true }).catch(() => []);
  const inside = entries
    .filter((entry) => entry.isDirectory())
    .slice(0, MOST_ENTRIES)
    .map(({ name }) => join(place, name))
    .filter((folder) => [MANIFEST_NAME, partWorkspace].some((name) => existsSync(join(folder, name))));
  return inside.length > 0 ? inside.sort() : [place];
}
