/** One question to the Hub over HTTP: redirects by hand, the token for the Hub alone, tries that end. */
import type { DeltaScopeError } from "../../contract/errors.ts";
import type { HubAccess } from "./access.ts";
import { exchange } from "./connection.ts";
import { HubError, isPassing, refusalOf, requestFailure } from "./failure.ts";

/** The Hub sends to a store of files, and that to a near copy: two are usual. */
export const REDIRECTS_MAXIMUM = 6;
/** Tries of one question, the first included. */
export const TRIES_MAXIMUM = 5;
const FIRST_PAUSE_MS = 500;
/** A server that asks for a longer pause is told on instead of waited for. */
export const PAUSE_MAXIMUM_MS = 60_000;
/** Without a first byte in this time the next try begins. */
const ANSWER_MS = 30_000;

export interface Question {
  /** Full address, on the endpoint. */
  address: string;
  headers?: Readonly<Record<string, string>>;
  /** What is asked for, as people call it. */
  what: string;
}

/** An answer with its body still to be read, and what the Hub said of the file before it sent us elsewhere. */
export interface Answer {
  response: Response;
  /** Content hash of the file: git's for small files, SHA-256 for large ones. */
  etag: string | undefined;
  commit: string | undefined;
}

/** Asks until `read` has what it wants of an answer. @throws DeltaScopeError `hub.*`, `job.cancelled` */
export async function ask<Result>(
  access: HubAccess,
  question: Question,
  signal: AbortSignal,
  read: (answer: Answer) => Promise<Result>,
): Promise<Result> {
  return withTries(access, question.what, signal, async () => read(await follow(access, question, signal)));
}

/** @throws DeltaScopeError the last try's, or the first that no other try would mend */
export async function withTries<Result>(
  access: HubAccess,
  what: string,
  signal: AbortSignal,
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (thrown) {
      const error = requestFailure(thrown, what, signal);
      if (!isPassing(error) || tried >= TRIES_MAXIMUM) throw error;
      await pauseBefore(access, tried, error, signal);
    }
  }
}

/** Half a second, then twice as long each time, or as long as the server asks. */
export async function pauseBefore(
  access: HubAccess,
  tried: number,
  error: DeltaScopeError,
  signal: AbortSignal,
): Promise<void> {
  const asked = error instanceof HubError ? error.retryAfterMs : undefined;
  if (asked !== undefined && asked > PAUSE_MAXIMUM_MS) throw error;
  const own = FIRST_PAUSE_MS * 2 ** (tried - 1);
  try {
    await access.pause(Math.max(asked ?? 0, own), signal);
  } catch (thrown) {
    throw requestFailure(thrown, error.where ?? "", signal);
  }
}

/** One try: follows redirects; answers only what succeeded. */
export async function follow(access: HubAccess, question: Question, signal: AbortSignal): Promise<Answer> {
  let url = new URL(question.address);
  let said: Pick<Answer, "etag" | "commit"> = { etag: undefined, commit: undefined };
  for (let hop = 0; hop <= REDIRECTS_MAXIMUM; hop += 1) {
    const ours = url.origin === new URL(access.endpoint).origin;
    const response = await send(access, url, question, signal);
    if (ours) said = saidOf(response, said);
    if (response.ok) return { response, ...said };
    await response.body?.cancel();
    if (!isRedirect(response.status)) throw refusalOf(response, question.what, ours);
    url = redirected(url, response, question.what);
  }
  throw new HubError("hub.answer-invalid", `The Hub sends ${question.what} in a circle.`, question.what);
}

async function send(access: HubAccess, url: URL, { headers, what }: Question, signal: AbortSignal): Promise<Response> {
  const token = url.origin === new URL(access.endpoint).origin ? access.token : undefined;
  const sent = { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  // The body may take its time: from the first byte on only the caller's signal ends it.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ANSWER_MS);
  try {
    return await exchange(url, sent, AbortSignal.any([signal, late.signal]));
  } catch (thrown) {
    const reason = late.signal.aborted ? new DOMException("no answer", "TimeoutError") : thrown;
    throw requestFailure(reason, what, signal);
  } finally {
    clearTimeout(timer);
  }
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

function redirected(from: URL, response: Response, what: string): URL {
  const url = URL.parse(response.headers.get("location") ?? "", from.href);
  const secure = url !== null && (url.protocol === "https:" || (url.protocol === "http:" && from.protocol === "http:"));
  if (secure) return url;
  throw new HubError("hub.answer-invalid", `The Hub sends ${what} to an address that is not safe to follow.`, what);
}

/** The first answer that knows counts: stores of files have hashes of their own. */
function saidOf({ headers }: Response, before: Pick<Answer, "etag" | "commit">): Pick<Answer, "etag" | "commit"> {
  const etag = headers.get("x-linked-etag") ?? headers.get("etag") ?? undefined;
  return {
    etag: before.etag ?? etag?.replace(/^W\//, "").replaceAll('"', ""),
    commit: before.commit ?? headers.get("x-repo-commit") ?? undefined,
  };
}
