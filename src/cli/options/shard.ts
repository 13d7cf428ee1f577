/** `--shard i/n`, and the folder that its part is written to. */
import { accessSync, constants, existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { exportFormat } from "../../contract/api.ts";
import { mostShards, partWorkspace, type Shard, shard } from "../../contract/domain/part.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { usageError } from "./numbers.ts";

/** @throws DeltaScopeError `usage.invalid` */
export function parseShard(text: string): Shard {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const parsed = shard.safeParse({ index: Number(index), count: Number(count) });
  if (parsed.success) return parsed.data;
  throw usageError(`--shard must read i/n with i from 1 to n and n at most ${mostShards}, such as 2/8, not "${text}".`);
}

/** Where a part is written, and where its shard keeps results meanwhile. */
export interface PartPlaces {
  folder: string;
  /** A folder of its own unless one is named: tasks of one array run at the same time, a workspace has one holder. */
  workspace: string;
}

/** What says that a folder is a part, or one that was begun. */
const partNames = ["part.json", partWorkspace];

/**
 * Checked before any work. A folder that holds anything but a part is not written to.
 * @throws DeltaScopeError `usage.invalid`, `output.exists`, `output.unwritable`
 */
export function partPlaces(
  { out = [], workspace, overwrite }: { out?: string[]; workspace?: string; overwrite?: boolean },
  workingFolder: string,
): PartPlaces {
  const [named] = out;
  if (named === undefined || out.length > 1) throw usageError("--shard needs one --out, the folder of its part.");
  const ending = exportFormat.options.find((format) => named.toLowerCase().endsWith(`.${format}`));
  if (ending !== undefined) {
    throw usageError(`--shard writes a folder; "${named}" names a .${ending} file, which \`collect --out\` writes.`);
  }
  const folder = resolve(workingFolder, named);
  refuseForeign(folder, overwrite ?? false);
  return { folder, workspace: workspace ?? join(folder, partWorkspace) };
}

function refuseForeign(folder: string, overwrite: boolean): void {
  const above = nearest(folder);
  if (!statSync(above).isDirectory()) throw unwritable(folder, `${above} is a file`);
  try {
    accessSync(above, constants.W_OK);
  } catch {
    throw unwritable(folder, `${above} is not writable`);
  }
  const names = above === folder ? readdirSync(folder) : [];
  if (overwrite || names.length === 0 || partNames.some((name) => names.includes(name))) return;
  throw new DeltaScopeError("output.exists", `${folder} holds other files.`, folder);
}

function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(dirname(folder));
}

function unwritable(folder: string, reason: string): DeltaScopeError {
  return new DeltaScopeError("output.unwritable", `${folder} cannot be written: ${reason}.`, folder);
}
