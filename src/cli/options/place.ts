/** Paths as they are typed. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** A path that exists becomes absolute; anything else may be a Hub id and stays as typed. */
export function place(text: string, workingFolder: string): string {
  const path = resolve(workingFolder, text);
  return existsSync(path) || /^\.{0,2}[\\/]/.test(text) ? path : text;
}
