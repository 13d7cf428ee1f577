/** `--out FILE`: where documents and tables are written, and in which format, by the name's ending. */
import { existsSync } from "node:fs";
import { extname, resolve } from "node:path";
import { type ExportFormat, exportFormat } from "../../contract/api.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { usageError } from "./numbers.ts";

export interface OutFile {
  file: string;
  format: ExportFormat;
}

/**
 * Checked before any work, so that hours of computing never end at a wrong name.
 * @throws DeltaScopeError `usage.invalid` for endings that are not known, `output.exists` for files that stand already.
 */
export function parseOut(values: readonly string[], workingFolder: string, overwrite: boolean): OutFile[] {
  const files = values.map((value) => ({ file: resolve(workingFolder, value), format: formatOf(value) }));
  const seen = new Set<string>();
  for (const { file } of files) {
    if (seen.has(file)) throw usageError(`--out names ${file} twice.`);
    seen.add(file);
    if (!overwrite && existsSync(file)) throw new DeltaScopeError("output.exists", `${file} exists already.`, file);
  }
  return files;
}

function formatOf(value: string): ExportFormat {
  const parsed = exportFormat.safeParse(extname(value).slice(1).toLowerCase());
  if (!parsed.success) throw usageError(`--out "${value}" must end in .${exportFormat.options.join(", .")}.`);
  return parsed.data;
}
