/**
 * Whether a request was meant for this server. A foreign page can make a browser send requests here: under another
 * name that resolves to this machine (so the Host is checked), or from its own origin (so the Origin is checked).
 */
import type { IncomingMessage } from "node:http";
import type { Session } from "./session.ts";

/** Names of this machine that no foreign page can have. */
const ownNames = ["localhost", "127.0.0.1", "[::1]"];
/** A DNS name has at most 253 characters; port and brackets come on top. */
const longestHost = 262;

export type Verdict =
  | { kind: "foreign-host" }
  | { kind: "foreign-origin" }
  | { kind: "stranger"; host: string }
  | { kind: "known"; host: string };

export interface Guard {
  /** @param mustNameOrigin for what changes something: other methods than GET and HEAD, and WebSockets */
  judge(request: IncomingMessage, mustNameOrigin: boolean): Verdict;
}

/** @param names further host names that the user allowed, without port */
export function createGuard(session: Session, names: readonly string[]): Guard {
  const allowed = new Set([...ownNames, ...names.map(hostName)]);
  return {
    judge({ headers }, mustNameOrigin) {
      const host = checkedHost(headers.host, allowed);
      if (host === undefined) return { kind: "foreign-host" };
      if (mustNameOrigin && !isOwnOrigin(headers.origin, host)) return { kind: "foreign-origin" };
      return { kind: session.holds(headers.cookie, host) ? "known" : "stranger", host };
    },
  };
}

/** An IPv6 address stands in brackets in a Host header. */
function hostName(name: string): string {
  return (name.includes(":") && !name.startsWith("[") ? `[${name}]` : name).toLowerCase();
}

/** The port is not compared: a tunnel may end at any. */
function checkedHost(header: string | undefined, allowed: ReadonlySet<string>): string | undefined {
  if (header === undefined || header.length > longestHost) return undefined;
  const parts = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/.exec(header.toLowerCase());
  return parts?.[1] !== undefined && allowed.has(parts[1]) ? parts[0] : undefined;
}

/** https as well, for a proxy in front that ends TLS. */
function isOwnOrigin(origin: string | undefined, host: string): boolean {
  const named = origin?.toLowerCase();
  return named === `http://${host}` || named === `https://${host}`;
}
