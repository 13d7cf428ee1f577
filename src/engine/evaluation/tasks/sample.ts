/** A seeded sample that grows: the items of a smaller limit are always among those of a larger one. */
import { createHash } from "node:crypto";

/**
 * Places of the chosen items, rising. Items are ordered by a hash of seed and content, so the choice does not depend
 * on the order of the file.
 */
export function sampleItems(contents: readonly string[], limit: number | undefined, seed: number): number[] {
  const places = [...contents.keys()];
  if (limit === undefined || limit >= contents.length) return places;
  const keys = contents.map((content) => createHash("sha256").update(`${seed}\0${content}`).digest("hex"));
  const ordered = places.sort((a, b) => compare(keys[a] as string, keys[b] as string) || a - b);
  return ordered.slice(0, limit).sort((a, b) => a - b);
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
