/** What the Hub refuses, and what happens on the way there, as errors of the closed list. No text of a server is repeated. */
import { DeltaScopeError, type ErrorCode } from "../../contract/errors.ts";
import { systemCode } from "../source/file-errors.ts";

/** A failure with what a later try needs to know. */
export class HubError extends DeltaScopeError {
  /** What the server asked to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, where: string, retryAfterMs?: number, options?: ErrorOptions) {
    super(code, message, where, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Another try may go better. */
const PASSING: ReadonlySet<ErrorCode> = new Set(["hub.unreachable", "hub.rate-limited", "hub.server"]);

export function isPassing(error: DeltaScopeError): boolean {
  return PASSING.has(error.code);
}

/**
 * Why an answer is none.
 * @param what what was asked for, as people call it: "owner/name@main"
 * @param ours whether the Hub itself answered, and not a host that it sent us to
 */
export function refusalOf(response: Response, what: string, ours: boolean): HubError {
  const { status, headers } = response;
  const error = (code: ErrorCode, message: string) => new HubError(code, message, what, retryAfter(headers));
  if (status === 429) return error("hub.rate-limited", `The Hub allows no more requests for now (429) for ${what}.`);
  if (status >= 500 || status === 408) return error("hub.server", `The Hub failed with ${status} for ${what}.`);
  // Asked for bytes that were listed, and beyond its end: the file is shorter than it was.
  if (status === 416) return error("hub.changed", `The file ${what} is shorter than the Hub's list says.`);
  if (!ours) return error("hub.server", `The host that stores the files of ${what} refused with ${status}.`);
  return refusalByReason(headers, status, what);
}

/** What the Hub says of a token: that it is none of its own, or has expired. Of hidden models it says nothing of the kind. */
const BAD_TOKEN = /\b(access token|credentials)\b/i;

function refusalByReason(headers: Headers, status: number, what: string): HubError {
  const reason = headers.get("x-error-code");
  if (reason === "GatedRepo") {
    return new HubError("hub.gated", `${what} is open only to those who were given access.`, what);
  }
  if (reason === "RevisionNotFound")
    return new HubError("hub.not-found", `The Hub has no such revision: ${what}.`, what);
  // The Hub answers 401 for models that do not exist, so as not to tell which private ones do; often without a code.
  const hidden = status === 401 && !BAD_TOKEN.test(headers.get("x-error-message") ?? "");
  if (reason === "RepoNotFound" || status === 404 || hidden) {
    return new HubError("hub.not-found", `The Hub has no ${what} that is open to you.`, what);
  }
  if (status === 401)
    return new HubError("hub.unauthorised", `The Hub does not accept the token (401) for ${what}.`, what);
  if (status === 403) return new HubError("hub.unauthorised", `The Hub refused ${what} (${status}).`, what);
  return new HubError("hub.answer-invalid", `The Hub answered ${status} for ${what}.`, what);
}

/** Seconds, or a date. */
function retryAfter(headers: Headers): number | undefined {
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) * 1000 : undefined;
}

/** Whatever a request threw; `job.cancelled` after the signal. */
export function requestFailure(thrown: unknown, what: string, signal: AbortSignal): DeltaScopeError {
  if (signal.aborted) return new DeltaScopeError("job.cancelled", "The download was cancelled.");
  if (thrown instanceof DeltaScopeError) return thrown;
  const message = `The Hub cannot be reached for ${what} (${reasonOf(thrown)}).`;
  return new HubError("hub.unreachable", message, what, undefined, { cause: thrown });
}

/** The system's code where there is one; messages of proxies hold their addresses, passwords included. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "no reason given";
  if (thrown.name === "TimeoutError") return "no answer in time";
  const code = systemCode(thrown.cause) ?? systemCode(thrown) ?? "the connection ended";
  return code.startsWith("ERR_PROXY") ? "the proxy refused" : code;
}
