/** `--out FILE`: where documents and tables are written, and in which format, by the name's ending. */
import { accessSync, constants, existsSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import type { ExportFormat } from "../../contract/api.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { usageError } from "./numbers.ts";

export interface OutFile<Format extends ExportFormat = ExportFormat> {
  file: string;
  format: Format;
}

interface OutChoice<Format> {
  workingFolder: string;
  overwrite: boolean;
  /** What the verb can write. */
  formats: readonly Format[];
}

/**
 * Checked before any work, so that hours of computing never end at a wrong name.
 * @throws DeltaScopeError `usage.invalid` for endings that are not known, `output.exists` for files that stand already,
 * `output.unwritable` where their folder is missing or closed.
 */
export function parseOut<Format extends ExportFormat = ExportFormat>(
  values: readonly string[],
  { workingFolder, overwrite, formats }: OutChoice<Format>,
): OutFile<Format>[] {
  const files = values.map((value) => ({ file: resolve(workingFolder, value), format: formatOf(value, formats) }));
  const seen = new Set<string>();
  for (const { file } of files) {
    if (seen.has(file)) throw usageError(`--out names ${file} twice.`);
    seen.add(file);
    refuseUnwritableFolder(dirname(file), file);
    if (!overwrite && existsSync(file)) throw new DeltaScopeError("output.exists", `${file} exists already.`, file);
  }
  return files;
}

function formatOf<Format extends ExportFormat>(value: string, formats: readonly Format[]): Format {
  const ending = extname(value).slice(1).toLowerCase();
  const format = formats.find((one) => one === ending);
  if (format !== undefined) return format;
  const known = new Intl.ListFormat("en-GB", { type: "disjunction" }).format(formats.map((one) => `.${one}`));
  throw usageError(`--out "${value}" must end in ${known}.`);
}

function refuseUnwritableFolder(folder: string, file: string): void {
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    const reason = existsSync(folder) ? "its folder cannot be written" : "its folder does not exist";
    throw new DeltaScopeError("output.unwritable", `${file} cannot be written: ${reason}.`, file);
  }
}
