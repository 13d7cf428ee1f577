/** Whether the files of an item are still there, asked whenever the library is shown. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { DeltaScopeError, type ErrorDocument } from "../../contract/errors.ts";
import { quote } from "../source/quote.ts";
import type { LibraryRecord } from "../store/types.ts";

/** Files asked for per item; a checkpoint of more shards is gone when its first ones are. */
const mostFiles = 32;

/** The item's own error, or `source.not-found` naming what was removed since it was recognised. */
export async function presentError({ path, inspection, error }: LibraryRecord): Promise<ErrorDocument | null> {
  if (error || !inspection) return error;
  const facts = await stat(path).catch(() => undefined);
  if (!facts) return gone(path, `${quote(path)} is no longer there.`);
  if (!facts.isDirectory()) return null;
  for (const { name } of inspection.files.slice(0, mostFiles)) {
    const file = join(path, name);
    if (!(await stat(file).catch(() => undefined))) return gone(file, `${quote(name)} is no longer in ${quote(path)}.`);
  }
  return null;
}

function gone(where: string, message: string): ErrorDocument {
  return new DeltaScopeError("source.not-found", message, where).toDocument();
}
