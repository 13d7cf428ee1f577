/**
 * The operating system's keychain: that of macOS, the Credential Manager of Windows, or a Secret Service on Linux.
 * Optional like its library: a server has none, and nothing but the token's keeping depends on it.
 */
import { createRequire } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import { DeltaScopeError } from "../../contract/errors.ts";

/** One token for each Hub: what is kept for the public one is never sent to another. @throws `hub.keychain` */
export interface Keychain {
  /** Undefined where none is kept. */
  read(endpoint: string): Promise<string | undefined>;
  write(endpoint: string, token: string): Promise<void>;
  /** Whether there was one. */
  remove(endpoint: string): Promise<boolean>;
}

/** What is used of `@napi-rs/keyring`. */
interface Entry {
  getPassword(): Promise<string | null>;
  setPassword(text: string): Promise<void>;
  deletePassword(): Promise<boolean>;
}
interface Keyring {
  AsyncEntry: new (service: string, account: string, options: object) => Entry;
}

const SERVICE = "DeltaScope";
/** The kernel's keyring, which the library falls back to, forgets everything with the session. */
const KEPT_FOR_GOOD = { linux: { store: "secret-service" } } as const;
/** A locked keychain asks for its password: long enough to type one, not for ever where nobody sees the question. */
const PATIENCE_MS = 30_000;

/** @param load brings the library; tests hand in their own */
export function systemKeychain(load: () => unknown = loadKeyring, patience: number = PATIENCE_MS): Keychain {
  // Whoever let the question pass once is not kept waiting by every later one.
  let isSilent = false;
  const ask = async <Result>(endpoint: string, question: (entry: Entry) => Promise<Result>): Promise<Result> => {
    try {
      const { AsyncEntry } = load() as Keyring;
      const answer = question(new AsyncEntry(SERVICE, endpoint, KEPT_FOR_GOOD));
      answer.catch(() => undefined); // it may fail after its time is over
      return await inTime(answer, patience);
    } catch (thrown) {
      isSilent ||= thrown instanceof DeltaScopeError;
      throw thrown instanceof DeltaScopeError ? thrown : unusable(thrown);
    }
  };
  return {
    async read(endpoint) {
      if (isSilent) throw noAnswer();
      return (await ask(endpoint, (entry) => entry.getPassword())) ?? undefined;
    },
    write: (endpoint, token) => ask(endpoint, (entry) => entry.setPassword(token)),
    remove: (endpoint) => ask(endpoint, (entry) => entry.deletePassword()),
  };
}

function loadKeyring(): unknown {
  if (process.env.DELTASCOPE_KEYCHAIN === "off") {
    throw new DeltaScopeError("hub.keychain", "The keychain is not asked: DELTASCOPE_KEYCHAIN is off.");
  }
  // Not as an import: whoever leaves optional packages out has no types of it either.
  return createRequire(import.meta.url)("@napi-rs/keyring");
}

async function inTime<Result>(answer: Promise<Result>, patience: number): Promise<Result> {
  const stop = new AbortController();
  const late = delay(patience, undefined, { signal: stop.signal }).then(() => Promise.reject(noAnswer()));
  late.catch(() => undefined); // ended below
  try {
    return await Promise.race([answer, late]);
  } finally {
    stop.abort();
  }
}

function noAnswer(): DeltaScopeError {
  return new DeltaScopeError("hub.keychain", "The keychain of this system does not answer; it may be locked.");
}

/** The library says of a missing service only that the platform failed. */
const ADVICE = process.platform === "linux" ? " (it takes a Secret Service that runs, such as gnome-keyring)" : "";

function unusable(thrown: unknown): DeltaScopeError {
  const isMissing = (thrown as { code?: unknown } | null)?.code === "MODULE_NOT_FOUND";
  const why = isMissing ? "the package @napi-rs/keyring is not installed" : `${reasonOf(thrown)}${ADVICE}`;
  return new DeltaScopeError("hub.keychain", `The keychain of this system cannot be used: ${why}.`);
}

/** The library's words up to the first colon: what follows may be data of an entry. */
function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : "no reason given";
  return (text.split(/[:\n]/)[0] ?? text).trim().slice(0, 200).replace(/\.$/, "");
}
