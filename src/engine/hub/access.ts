/** How the Hub is reached: its address, the user's token and the cache, from the environment as huggingface_hub reads it. */
import { open } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { DeltaScopeError } from "../../contract/errors.ts";
import { expandHome } from "../source/hub-cache.ts";
import type { Keychain } from "./keychain.ts";

export interface HubAccess {
  /** Without a slash at its end. */
  endpoint: string;
  /** Sent to the endpoint's own origin only; never part of a message. */
  token: string | undefined;
  /** Between two tries; tests do not wait. */
  pause(milliseconds: number, signal: AbortSignal): Promise<void>;
}

const PUBLIC_ENDPOINT = "https://huggingface.co";
/** A token has about 40 letters; a longer file is none. */
const TOKEN_BYTES_MAXIMUM = 1024;
/** What may stand in a header: with anything else `fetch` would throw a message that holds the token. */
const TOKEN_FORM = /^[\x21-\x7e]+$/;

/** Python's package reads the second one too. */
const tokenVariables = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws DeltaScopeError `hub.offline`, `hub.endpoint-invalid`, `hub.unauthorised` for a token that can be none */
export async function openHub(keychain: Keychain, environment: Environment = process.env): Promise<HubAccess> {
  const switched = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"].find((name) => isOn(environment[name]));
  if (switched !== undefined) {
    throw new DeltaScopeError("hub.offline", `${switched} is set, so the Hub is not asked.`, switched);
  }
  const endpoint = hubEndpoint(environment);
  const found = await findToken(endpoint, keychain, environment);
  if (found !== undefined && !isToken(found.text)) throw noToken(found);
  return { endpoint, token: found?.text, pause };
}

/** As Python's package reads switches. */
function isOn(value: string | undefined): boolean {
  return ["1", "ON", "YES", "TRUE"].includes((value ?? "").toUpperCase());
}

/** Without a slash at its end. @throws DeltaScopeError `hub.endpoint-invalid` */
export function hubEndpoint({ HF_ENDPOINT: given }: Environment = process.env): string {
  if (given === undefined || given === "") return PUBLIC_ENDPOINT;
  const url = URL.parse(given);
  // A password in the address would end up in messages.
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw new DeltaScopeError("hub.endpoint-invalid", "HF_ENDPOINT is no plain http address.", "HF_ENDPOINT");
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

/** A token, and where it comes from. */
export interface FoundToken {
  text: string;
  from: "environment" | "keychain" | "file";
  /** Of the variable or the file. */
  name: string;
}

/**
 * `HF_TOKEN`, else the keychain's, else the file that `hf auth login` writes. An empty variable counts as none, as in
 * Python; so does a keychain that cannot be used.
 */
export async function findToken(
  endpoint: string,
  keychain: Keychain,
  environment: Environment = process.env,
): Promise<FoundToken | undefined> {
  for (const name of tokenVariables) {
    const text = environment[name]?.trim();
    if (text) return { text, from: "environment", name };
  }
  const kept = await keychain.read(endpoint).catch(() => undefined);
  if (kept) return { text: kept, from: "keychain", name: endpoint };
  const path = tokenPath(environment);
  const text = (await readTokenFile(path))?.trim();
  return text ? { text, from: "file", name: path } : undefined;
}

/** For child processes, none of which asks the Hub. */
export function withoutTokens(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !tokenVariables.some((secret) => secret === name));
  return Object.fromEntries(kept);
}

/** Whether it has the form of one. */
export function isToken(text: string): boolean {
  return text.length <= TOKEN_BYTES_MAXIMUM && TOKEN_FORM.test(text);
}

function noToken({ from, name }: FoundToken): DeltaScopeError {
  return new DeltaScopeError("hub.unauthorised", `The Hub's token of ${from} ${name} is not of the form of a token.`);
}

function tokenPath({ HF_TOKEN_PATH, HF_HOME, XDG_CACHE_HOME }: Environment): string {
  const home = HF_HOME ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "huggingface");
  return expandHome(HF_TOKEN_PATH ?? join(home, "token"));
}

async function readTokenFile(path: string): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TOKEN_BYTES_MAXIMUM + 1));
    return buffer.toString("utf8", 0, bytesRead);
  } catch {
    return undefined; // a folder of that name
  } finally {
    await file.close();
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal });
}
