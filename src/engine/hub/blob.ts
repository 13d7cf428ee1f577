/** One file of the Hub into the cache: goes on where it stopped, is checked, and appears under its name only when whole. */
import type { Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { DeltaScopeError } from "../../contract/errors.ts";
import { systemCode } from "../source/file-errors.ts";
import { cacheFoldersOf, hasBlob } from "../source/hub-cache.ts";
import { type Lock, takeLock } from "../workspace/lock.ts";
import type { HubAccess } from "./access.ts";
import { piecesOf } from "./body.ts";
import { HubError, isPassing, requestFailure } from "./failure.ts";
import { checkAnswer, checksumError, fileQuestion, hashOf } from "./read-file.ts";
import { type HubFile, type HubRepository, shortName } from "./repository.ts";
import { follow, pauseBefore, TRIES_MAXIMUM } from "./request.ts";

/**
 * Ours alone: Python's package appends to `<etag>.incomplete` under a lock that Node cannot take, and two writers
 * would mix their bytes.
 */
const PART_ENDING = ".deltascope.incomplete";
/** How often another download of the same file is looked at. */
const WAIT_MS = 250;
/**
 * A holder whose part does not grow for so long is taken for dead, where its host cannot be asked: longer than all
 * tries and pauses of a living one, and than it takes to hash what it found.
 */
const STANDSTILL_MS = 15 * 60_000;

/** A connection that brought so much was none in vain; with less, a server could keep us trying for ever. */
const WORTHWHILE_BYTES = 2 ** 16;

/** Bytes that are there by now, counted anew after a part turned out to be damaged. */
export type Tell = (bytes: number) => void;

/**
 * Does nothing where the file is in the cache. Of several processes that want it one loads, the others wait.
 * @throws DeltaScopeError `hub.incomplete` when the connection ends time and again, `hub.checksum`, `hub.disk-full`,
 * `hub.changed` and other `hub.*`, `job.cancelled`, `output.unwritable`
 */
export async function loadBlob(
  access: HubAccess,
  repository: HubRepository,
  file: HubFile,
  signal: AbortSignal,
  tell: Tell,
): Promise<void> {
  const { blobs } = cacheFoldersOf(repository);
  const part = join(blobs, file.etag + PART_ENDING);
  try {
    await mkdir(blobs, { recursive: true });
    const lock = await lockOrDone(access, repository, file, part, signal);
    if (lock === undefined) return tell(file.size);
    try {
      if (!(await hasBlob(repository, file.etag, file.size)))
        await loadPart({ access, repository, file, part, signal, tell });
      tell(file.size);
    } finally {
      lock.release();
    }
  } catch (thrown) {
    throw writeFailure(thrown, part);
  }
}

/** How much of a file is in the cache already, finished or not. */
export async function bytesHere(repository: HubRepository, file: HubFile): Promise<number> {
  const { etag, size } = file;
  return (await hasBlob(repository, etag, size)) ? size : Math.min(size, await partSize(repository, file));
}

async function partSize(repository: HubRepository, { etag }: HubFile): Promise<number> {
  const facts = await stat(join(cacheFoldersOf(repository).blobs, etag + PART_ENDING)).catch(() => undefined);
  return facts?.size ?? 0;
}

/**
 * Undefined when the file has come in the meantime.
 * @throws DeltaScopeError `output.unwritable` naming a lock whose holder does nothing any more
 */
async function lockOrDone(
  access: HubAccess,
  repository: HubRepository,
  file: HubFile,
  part: string,
  signal: AbortSignal,
): Promise<Lock | undefined> {
  const lock = `${part}.lock`;
  for (let waited = 0, seen = -1; waited < STANDSTILL_MS; waited += WAIT_MS) {
    if (await hasBlob(repository, file.etag, file.size)) return undefined;
    try {
      return await takeLock(lock);
    } catch (thrown) {
      if (!(thrown instanceof DeltaScopeError)) throw thrown;
    }
    const size = await partSize(repository, file);
    if (size !== seen) waited = 0;
    seen = size;
    await access.pause(WAIT_MS, signal).catch((thrown: unknown) => {
      throw requestFailure(thrown, file.name, signal);
    });
  }
  const what = `${file.name} of ${shortName(repository)}`;
  const message = `Another process loads ${what}, and nothing of it has come for long. If it is gone, remove ${lock}.`;
  throw new DeltaScopeError("output.unwritable", message, lock);
}

interface Loading {
  access: HubAccess;
  repository: HubRepository;
  file: HubFile;
  part: string;
  signal: AbortSignal;
  tell: Tell;
}

async function loadPart(loading: Loading): Promise<void> {
  const { repository, file, part } = loading;
  const resumed = await finishPart(loading);
  if (resumed !== file.etag) {
    // What an earlier process left may be damaged; a file that was loaded in one piece may not.
    await rm(part, { force: true });
    if ((await finishPart(loading)) !== file.etag) {
      await rm(part, { force: true });
      throw checksumError(repository, file);
    }
  }
  await rename(part, join(cacheFoldersOf(repository).blobs, file.etag));
}

/** Loads what the part lacks, over as many connections as it takes. Answers the hash of the whole. */
async function finishPart(loading: Loading): Promise<string> {
  const { file, part, signal } = loading;
  const handle = await open(part, "a+");
  try {
    const writing = { handle, hash: hashOf(file), length: 0 };
    await hashPart(loading, writing);
    for (let tried = 1; writing.length < file.size; tried += 1) {
      const before = writing.length;
      const error = await loadSome(loading, writing);
      if (writing.length === file.size) break;
      // Whoever brought something may try as often as before.
      if (writing.length - before >= WORTHWHILE_BYTES) tried = 0;
      else if (tried >= TRIES_MAXIMUM) throw interrupted(loading, writing.length, error);
      await pauseBefore(loading.access, Math.max(1, tried), error, signal);
    }
    await handle.sync();
    return writing.hash.digest("hex");
  } finally {
    await handle.close();
  }
}

interface Writing {
  handle: FileHandle;
  hash: Hash;
  /** Bytes written and hashed. */
  length: number;
}

/** Takes up what an earlier try left; more than the file's length is no part of it. */
async function hashPart({ file, part, signal, tell }: Loading, writing: Writing): Promise<void> {
  const { size } = await writing.handle.stat();
  if (size > file.size) return writing.handle.truncate(0);
  if (size === 0) return;
  for await (const piece of createReadStream(part, { highWaterMark: 2 ** 20 })) {
    signal.throwIfAborted();
    writing.hash.update(piece as Buffer);
    writing.length += (piece as Buffer).length;
    tell(writing.length);
  }
}

/** One connection's worth. Answers why it ended early; throws what no other connection would mend. */
async function loadSome(loading: Loading, writing: Writing): Promise<DeltaScopeError> {
  const { access, repository, file, signal, tell } = loading;
  const question = fileQuestion(access, repository, file, writing.length);
  try {
    const answer = await follow(access, question, signal);
    const start = checkAnswer(answer, repository, file, writing.length);
    // A server that knows no ranges begins anew: what is here already is passed over.
    let skip = writing.length - start;
    for await (const piece of piecesOf(answer.response, question.what)) {
      const fresh = piece.subarray(Math.min(skip, piece.length));
      skip -= piece.length - fresh.length;
      if (writing.length + fresh.length > file.size) throw tooLong(repository, file);
      await writing.handle.appendFile(fresh);
      writing.hash.update(fresh);
      writing.length += fresh.length;
      tell(writing.length);
    }
    return new HubError(
      "hub.incomplete",
      `The connection ended before all of ${question.what} had come.`,
      question.what,
    );
  } catch (thrown) {
    const error = isWriteFailure(thrown) ? thrown : requestFailure(thrown, question.what, signal);
    if (error instanceof DeltaScopeError && isPassing(error)) return error;
    throw error;
  }
}

function interrupted({ repository, file }: Loading, kept: number, last: DeltaScopeError): DeltaScopeError {
  if (kept === 0 || !["hub.unreachable", "hub.incomplete"].includes(last.code)) return last;
  const what = `${file.name} of ${shortName(repository)}`;
  const message = `The connection ended again and again: ${kept} of ${file.size} bytes of ${what} are here.`;
  return new HubError("hub.incomplete", message, what, undefined, { cause: last });
}

function tooLong(repository: HubRepository, file: HubFile): HubError {
  const what = `${file.name} of ${shortName(repository)}`;
  return new HubError("hub.changed", `${what} is longer than the ${file.size} bytes that were listed.`, what);
}

const FULL = new Set(["ENOSPC", "EDQUOT"]);
const REFUSED = new Set([
  ...["EACCES", "EPERM", "EROFS", "ENOTDIR", "EISDIR", "EEXIST", "EMFILE", "EIO"],
  // Files of 4 GB on FAT; a cache that is removed meanwhile.
  ...["EFBIG", "ENOENT", "ELOOP", "ENAMETOOLONG", "EBUSY", "EINVAL"],
]);

function isWriteFailure(thrown: unknown): thrown is Error {
  const code = systemCode(thrown) ?? "";
  return FULL.has(code) || REFUSED.has(code);
}

/** What the file system says of the cache. */
export function writeFailure(thrown: unknown, path: string): unknown {
  const code = systemCode(thrown) ?? "";
  const error = (kind: "hub.disk-full" | "output.unwritable", why: string) =>
    new DeltaScopeError(kind, `The Hugging Face cache cannot be written: ${why} at ${path}.`, path, { cause: thrown });
  if (FULL.has(code)) return error("hub.disk-full", "no space is left");
  if (REFUSED.has(code)) return error("output.unwritable", code);
  return thrown;
}
