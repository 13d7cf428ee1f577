/** Headers of every answer: what the page may load, and that nobody else may read or frame it. */
import type { OutgoingHttpHeaders } from "node:http";

/**
 * The app's policy. Styles may stand inline because Mantine writes its variables into <style> elements as it runs;
 * scripts never. `connect-src` names the socket's scheme because not every browser counts it as 'self'.
 */
function appPolicy(host: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self' ws://${host} wss://${host}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** The page that asks for a new address: words, one form, no script. */
const signInPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const always: OutgoingHttpHeaders = {
  "x-content-type-options": "nosniff",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** @param host the request's Host, checked before */
export function appHeaders(host: string): OutgoingHttpHeaders {
  return { ...always, "content-security-policy": appPolicy(host), "referrer-policy": "no-referrer" };
}

/** A form's Origin is "null" under no-referrer, and the Origin is what we check; the page's address holds no secret. */
export function signInHeaders(): OutgoingHttpHeaders {
  return {
    ...always,
    "content-security-policy": signInPolicy,
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
  };
}

/** For answers that are one line of text. */
export function plainHeaders(): OutgoingHttpHeaders {
  return {
    ...always,
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-type": "text/plain; charset=utf-8",
  };
}
