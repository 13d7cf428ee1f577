/** Writes a file that a user named, whole or not at all, and only over what may be replaced. */
import { link, open, rename, rm, stat } from "node:fs/promises";
import { extname } from "node:path";
import { DeltaScopeError } from "../../contract/errors.ts";
import { outputError, systemCode } from "../source/file-errors.ts";
import { temporaryName, writeDurably } from "../source/write-whole.ts";

/** Every document of ours names its schema within its first bytes. */
const headBytes = 256;
const ownMark = '"deltascope.';

/**
 * @returns the number of bytes written.
 * @throws DeltaScopeError `output.exists` when `file` stands already and must stay, `output.unwritable` otherwise.
 */
export async function writeFileAtomically(
  file: string,
  content: string | Iterable<string>,
  overwrite: boolean,
): Promise<number> {
  await refuseToReplace(file, overwrite);
  const temporary = temporaryName(file);
  try {
    const bytes = await writeDurably(temporary, content);
    await takeName(temporary, file, overwrite);
    return bytes;
  } catch (thrown) {
    throw outputError(thrown, file);
  } finally {
    // Where nothing could be written nothing is to be removed, and the first failure is the one to report.
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/**
 * Checks before the work whether `file` may be written. An existing JSON file is only ever replaced when it is a
 * document of ours, so that a mistyped name cannot destroy a checkpoint's configuration.
 * @throws DeltaScopeError `output.exists`, `output.unwritable`
 */
export async function refuseToReplace(file: string, overwrite: boolean): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return;
  if (found.isDirectory()) throw new DeltaScopeError("output.unwritable", `${file} is a folder.`, file);
  // Renamed over, /dev/null would be gone for everybody.
  if (!found.isFile()) throw new DeltaScopeError("output.unwritable", `${file} is not a regular file.`, file);
  if (!overwrite) throw exists(file);
  if (extname(file).toLowerCase() !== ".json" || found.size === 0 || (await isOwnDocument(file))) return;
  throw new DeltaScopeError("output.exists", `${file} is no document of DeltaScope and is not replaced.`, file);
}

function exists(file: string): DeltaScopeError {
  return new DeltaScopeError("output.exists", `${file} exists already.`, file);
}

async function isOwnDocument(file: string): Promise<boolean> {
  const handle = await open(file, "r").catch((thrown) => {
    throw outputError(thrown, file);
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.toString("utf8", 0, bytesRead).includes(ownMark);
  } finally {
    await handle.close();
  }
}

/** A hard link fails where the name was taken meanwhile; file systems without links fall back to a look and a rename. */
async function takeName(temporary: string, file: string, overwrite: boolean): Promise<void> {
  if (overwrite) {
    await rename(temporary, file);
    return;
  }
  try {
    await link(temporary, file);
  } catch (thrown) {
    if (systemCode(thrown) === "EEXIST") throw exists(file);
    await refuseToReplace(file, false);
    await rename(temporary, file);
  }
}
