/** Parts of files on the Hub, held against what its list said of them. */
import { createHash, type Hash } from "node:crypto";
import type { HubAccess } from "./access.ts";
import { readStart } from "./body.ts";
import { HubError } from "./failure.ts";
import { addressOf, type HubFile, type HubRepository, shortName } from "./repository.ts";
import { type Answer, ask, type Question } from "./request.ts";

/** What is asked of one file. */
export function fileQuestion(
  access: HubAccess,
  repository: HubRepository,
  file: HubFile,
  from: number,
  to?: number,
): Question {
  const range: Record<string, string> =
    from === 0 && to === undefined ? {} : { range: `bytes=${from}-${to === undefined ? "" : to - 1}` };
  return {
    address: addressOf(access, repository, file.name),
    what: `${file.name} of ${shortName(repository)}`,
    headers: range,
  };
}

/**
 * Bytes `from` to `to` (exclusive) of a file.
 * @throws DeltaScopeError `hub.changed` when the file is not the one that was listed, and other `hub.*`
 */
export async function readRange(
  access: HubAccess,
  repository: HubRepository,
  file: HubFile,
  [from, to]: [number, number],
  signal: AbortSignal,
): Promise<Buffer> {
  const question = fileQuestion(access, repository, file, from, to);
  return ask(access, question, signal, async (answer) => {
    const start = checkAnswer(answer, repository, file, from);
    const bytes = (await readStart(answer.response, to - start, question.what)).subarray(from - start);
    if (bytes.length === to - from) return bytes;
    throw new HubError("hub.unreachable", `The Hub sent too little of ${question.what}.`, question.what);
  });
}

/** A small file whole, its hash checked. @throws DeltaScopeError `hub.checksum`, `hub.changed` and other `hub.*` */
export async function readWhole(
  access: HubAccess,
  repository: HubRepository,
  file: HubFile,
  signal: AbortSignal,
): Promise<Buffer> {
  if (file.size === 0) return Buffer.alloc(0);
  const bytes = await readRange(access, repository, file, [0, file.size], signal);
  if (hashOf(file).update(bytes).digest("hex") === file.etag) return bytes;
  throw checksumError(repository, file);
}

/** The hash that a file's bytes are put through; git counts its length in front of them. */
export function hashOf({ hash, size }: HubFile): Hash {
  return hash === "sha256" ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);
}

export function checksumError(repository: HubRepository, { name }: HubFile): HubError {
  const what = `${name} of ${shortName(repository)}`;
  return new HubError("hub.checksum", `${what} does not have the hash that the Hub gave for it.`, what);
}

/**
 * Where in the file the body begins: at `from`, or at 0 where the server knows no ranges.
 * @throws DeltaScopeError `hub.changed`
 */
export function checkAnswer(
  { response, etag, commit }: Answer,
  repository: HubRepository,
  file: HubFile,
  from: number,
): number {
  const what = `${file.name} of ${shortName(repository)}`;
  const changed = (how: string) => new HubError("hub.changed", `${what} changed while it was read: ${how}.`, what);
  if (commit !== undefined && commit !== repository.commit) throw changed("it belongs to another commit now");
  if (etag !== undefined && etag.length === file.etag.length && etag !== file.etag)
    throw changed("its hash is another");
  if (response.status !== 206) return 0;
  const range = /^bytes (\d{1,16})-\d{1,16}\/(\d{1,16}|\*)$/.exec(response.headers.get("content-range") ?? "");
  if (range === null || Number(range[1]) !== from) {
    throw new HubError("hub.answer-invalid", `The Hub sent another part of ${what} than was asked for.`, what);
  }
  if (range[2] !== "*" && Number(range[2]) !== file.size)
    throw changed(`it has ${range[2]} bytes, ${file.size} before`);
  return from;
}
