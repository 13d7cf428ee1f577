/** A folder that tries to mislead or to harm, with the code that must answer it, or `opens` for a harmless one. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ErrorCode } from "../../src/contract/errors.ts";

export interface FolderCase {
  name: string;
  /** Fills the folder; `outside` is a folder beside it that holds `secret.safetensors` and `secret.json`. */
  build(folder: string, outside: string): void;
  expected: ErrorCode | "opens";
  /** What the message must name. */
  names?: string;
}

export const ONE = { dtype: "F32", shape: [1], data: [1] };
export const MEBIBYTE = 2 ** 20;

export function writeText(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}
