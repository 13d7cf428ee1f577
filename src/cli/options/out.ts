/** `--out FILE`: where documents and tables are written, and in which format, by the name's ending. */
import { accessSync, constants, existsSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { type ExportFormat, exportFormat } from "../../contract/api.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { usageError } from "./numbers.ts";

export interface OutFile {
  file: string;
  format: ExportFormat;
}

/**
 * Checked before any work, so that hours of computing never end at a wrong name.
 * @throws DeltaScopeError `usage.invalid` for endings that are not known, `output.exists` for files that stand already,
 * `output.unwritable` where their folder is missing or closed.
 */
export function parseOut(values: readonly string[], workingFolder: string, overwrite: boolean): OutFile[] {
  const files = values.map((value) => ({ file: resolve(workingFolder, value), format: formatOf(value) }));
  const seen = new Set<string>();
  for (const { file } of files) {
    if (seen.has(file)) throw usageError(`--out names ${file} twice.`);
    seen.add(file);
    refuseUnwritableFolder(dirname(file), file);
    if (!overwrite && existsSync(file)) throw new DeltaScopeError("output.exists", `${file} exists already.`, file);
  }
  return files;
}

function formatOf(value: string): ExportFormat {
  const parsed = exportFormat.safeParse(extname(value).slice(1).toLowerCase());
  if (!parsed.success) throw usageError(`--out "${value}" must end in .${exportFormat.options.join(", .")}.`);
  return parsed.data;
}

function refuseUnwritableFolder(folder: string, file: string): void {
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    const reason = existsSync(folder) ? "its folder cannot be written" : "its folder does not exist";
    throw new DeltaScopeError("output.unwritable", `${file} cannot be written: ${reason}.`, file);
  }
}
