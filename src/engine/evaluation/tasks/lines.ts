/** Lines of a file that may be hostile: any size, any bytes, a single line without an end. */
import type { FileHandle } from "node:fs/promises";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { fileError } from "../../source/file-errors.ts";
import { openRegular } from "../../source/regular-file.ts";

/** A line of 4 MB holds a document of a million tokens. */
export const LINE_BYTES_MAXIMUM = 4 * 2 ** 20;
/** The largest public task files have 50 MB; the items of a file stand in memory together. */
export const FILE_BYTES_MAXIMUM = 256 * 2 ** 20;
const CHUNK_BYTES = 2 ** 20;
const LINE_FEED = 0x0a;

export interface Line {
  /** From 1. */
  number: number;
  /** Without the line feed. */
  bytes: Buffer;
}

/**
 * Lines that are split at `\n` only (U+2028 may stand inside a text). No more than a line and a piece of the file is in
 * memory. Throws `task.too-large` naming the line, `source.not-found` or `source.unreadable`.
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  const file = await openRegular(path);
  try {
    await refuseLarge(file, path);
    yield* linesOf(file, path);
  } catch (thrown) {
    throw fileError(thrown, path);
  } finally {
    await file.close();
  }
}

async function refuseLarge(file: FileHandle, path: string): Promise<void> {
  const { size } = await file.stat();
  if (size <= FILE_BYTES_MAXIMUM) return;
  const message = `${path} has ${size} bytes; a task file may have ${FILE_BYTES_MAXIMUM}.`;
  throw new DeltaScopeError("task.too-large", message, path);
}

async function* linesOf(file: FileHandle, path: string): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 1;
  for (;;) {
    const chunk = await readChunk(file);
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    // What came before this chunk holds no line feed, so it is not looked through again.
    for (let end = bytes.indexOf(LINE_FEED, rest.length); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      yield { number, bytes: refuseLong(bytes.subarray(start, end), path, number) };
      number++;
      start = end + 1;
    }
    rest = refuseLong(bytes.subarray(start), path, number);
    if (chunk.length === 0) break;
  }
  if (rest.length > 0) yield { number, bytes: rest };
}

async function readChunk(file: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES);
  return buffer.subarray(0, bytesRead);
}

function refuseLong(line: Buffer, path: string, number: number): Buffer {
  if (line.length <= LINE_BYTES_MAXIMUM) return line;
  const where = `${path}:${number}`;
  throw new DeltaScopeError("task.too-large", `${where}: the line is longer than ${LINE_BYTES_MAXIMUM} bytes.`, where);
}
