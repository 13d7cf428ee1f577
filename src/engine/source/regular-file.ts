/** Files of a name that others chose, opened for reading. */
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { DeltaScopeError } from "../../contract/errors.ts";
import { fileError } from "./file-errors.ts";

/** Windows has no such flag, and no pipes among its files. */
const { O_RDONLY, O_NONBLOCK = 0 } = constants;

/**
 * A regular file and nothing else: opening a pipe would hold one of the few threads for files until somebody writes
 * into it, and a device has no end.
 * @throws DeltaScopeError `source.not-found`, `source.unreadable`
 */
export async function openRegular(path: string): Promise<FileHandle> {
  const file = await open(path, O_RDONLY | O_NONBLOCK).catch((thrown: unknown) =>
    Promise.reject(fileError(thrown, path)),
  );
  const facts = await file.stat().catch(() => undefined);
  if (facts?.isFile()) return file;
  await file.close();
  throw notRegular(path);
}

/** The same at once, as a descriptor. */
export function openRegularSync(path: string): number {
  try {
    const descriptor = openSync(path, O_RDONLY | O_NONBLOCK);
    if (fstatSync(descriptor).isFile()) return descriptor;
    closeSync(descriptor);
  } catch (thrown) {
    throw fileError(thrown, path);
  }
  throw notRegular(path);
}

function notRegular(path: string): DeltaScopeError {
  return new DeltaScopeError("source.unreadable", `${path} is not a regular file.`, path);
}

/**
 * The whole file; undefined where it has more than `mostBytes`, whatever size the file system tells.
 * @throws DeltaScopeError `source.not-found`, `source.unreadable`
 */
export async function readRegular(path: string, mostBytes: number): Promise<Buffer | undefined> {
  const file = await openRegular(path);
  try {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const stream = file.createReadStream({ start: 0, end: mostBytes, autoClose: false });
    for await (const piece of stream as AsyncIterable<Buffer>) {
      pieces.push(piece);
      bytes += piece.length;
    }
    return bytes > mostBytes ? undefined : Buffer.concat(pieces);
  } catch (thrown) {
    throw fileError(thrown, path);
  } finally {
    await file.close();
  }
}
