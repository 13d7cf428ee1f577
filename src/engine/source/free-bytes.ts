/** Free space on the disk of a folder that may not be there yet. */
import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** Bytes that are free where the folder is, or would be made; 0 where the file system does not say. */
export async function freeBytesAt(folder: string): Promise<number> {
  for (let place = resolve(folder); ; place = dirname(place)) {
    const facts = await statfs(place).catch(() => undefined);
    if (facts) return facts.bavail * facts.bsize;
    if (place === dirname(place)) return 0;
  }
}
