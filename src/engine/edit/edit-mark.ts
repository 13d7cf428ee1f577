/** The file that tells an edited model from a trained one; loaders of models and adapters pass it by. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { programVersion } from "../version.ts";
import type { WrittenFile } from "./report.ts";
import type { ResolvedEdit } from "./resolve.ts";
import { EDIT_MARK, writeJsonFile } from "./side-files.ts";
import { verifiedHash } from "./verify.ts";

/** What was written, with a mark beside it that says which vectors of which modules were changed, and how. */
export async function marked<Files extends { files: WrittenFile[] }>(
  folder: string,
  written: Files,
  { identity }: ResolvedEdit,
): Promise<Files> {
  await writeJsonFile(folder, EDIT_MARK, { program: "deltascope", version: programVersion, intervention: identity });
  return { ...written, files: [...written.files, await verifiedHash(join(folder, EDIT_MARK), undefined)] };
}

/** Whether the folder holds what an intervention wrote. */
export function isMarked(folder: string): boolean {
  return existsSync(join(folder, EDIT_MARK));
}
