/** Files that appear whole or not at all: written beside their place, flushed to disk, then renamed. */
import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { outputError } from "./file-errors.ts";

/** A name beside `file`, on the same file system, that nobody else uses. */
export function temporaryName(file: string): string {
  return join(dirname(file), `.${basename(file)}.${process.pid}.${randomBytes(6).toString("hex")}.part`);
}

/** Writes a new file and waits until it is on the disk; answers its bytes. Errors of the file system come as they are. */
export async function writeDurably(file: string, content: string | Iterable<string>): Promise<number> {
  const handle = await open(file, "wx");
  try {
    await handle.writeFile(content, "utf8");
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

/** Makes the folder where needed, and replaces what stands there. @throws DeltaScopeError `output.unwritable` */
export async function writeWhole(file: string, content: string): Promise<void> {
  const temporary = temporaryName(file);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeDurably(temporary, content);
    await rename(temporary, file);
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined); // the first failure is the one to report
    throw outputError(thrown, file);
  }
}
