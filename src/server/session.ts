/** Who may talk to the server: a token in a printed address, once, then a cookie. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 bits: nobody guesses it. */
const secretBytes = 32;
/** Addresses that were printed and not opened yet; older ones stop to work. */
const mostOpenTokens = 8;
/** A browser sends all cookies of a host; longer headers are not looked through. */
const longestCookieHeader = 8192;

export interface Session {
  /** A token for one address; it opens the app once. */
  newToken(): string;
  /** Whether `token` was printed and not used before; it is used up by this. */
  redeem(token: string): boolean;
  /** `Set-Cookie` for the browser that redeemed a token. */
  cookie(host: string): string;
  /** Whether a `Cookie` header carries this server's secret. */
  holds(cookies: string | undefined, host: string): boolean;
}

export function createSession(): Session {
  const secret = newSecret();
  let tokens: string[] = [];
  return {
    newToken() {
      const token = newSecret();
      tokens = [...tokens, token].slice(-mostOpenTokens);
      return token;
    },
    redeem(token) {
      const left = tokens.filter((known) => !equal(known, token));
      const known = left.length < tokens.length;
      tokens = left;
      return known;
    },
    cookie: (host) => `${cookieName(host)}=${secret}; Path=/; HttpOnly; SameSite=Strict`,
    holds: (cookies, host) => cookieValues(cookies, cookieName(host)).some((value) => equal(value, secret)),
  };
}

function newSecret(): string {
  return randomBytes(secretBytes).toString("base64url");
}

/** Browsers share cookies between the ports of a host; the port in the name keeps two servers apart. */
function cookieName(host: string): string {
  return `deltascope-${/:(\d+)$/.exec(host)?.[1] ?? "80"}`;
}

function cookieValues(header: string | undefined, name: string): string[] {
  if (header === undefined || header.length > longestCookieHeader) return [];
  const pairs = header.split(";").map((pair) => pair.trim());
  return pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
}

/** In a time that tells nothing about how much of it was right. */
function equal(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
