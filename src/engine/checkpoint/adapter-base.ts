/** Whether the base that an adapter's configuration names is on this machine. */
import { stat } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { DeltaScopeError } from "../../contract/errors.ts";
import { parseHubId } from "../../contract/hub-id.ts";
import { findSnapshot } from "../source/hub-cache.ts";
import { own } from "../source/read-json.ts";
import type { AdapterPackage } from "./checkpoint.ts";

/** The longest path that Linux allows; a longer hint is none. */
export const HINT_LETTERS_MAXIMUM = 4096;

/**
 * A location for `open`: the path named by `base_model_name_or_path` (absolute, or seen from the adapter's folder), or
 * its Hub id in the local cache at the configured revision. Undefined when neither is here.
 */
export async function resolveAdapterBase(adapter: AdapterPackage): Promise<string | undefined> {
  const hint = own(adapter.config, "base_model_name_or_path");
  if (typeof hint !== "string" || hint === "" || hint.length > HINT_LETTERS_MAXIMUM) return undefined;
  return (await asPath(hint, adapter.source.root)) ?? (await asHubId(hint, own(adapter.config, "revision")));
}

async function asPath(hint: string, folder: string): Promise<string | undefined> {
  // On Windows a path with two slashes in front names another machine, which would be contacted by looking at it.
  if (/^[\\/]{2}/.test(hint) || hint.includes("\0")) return undefined;
  const path = isAbsolute(hint) ? hint : resolve(folder, hint);
  const facts = await stat(path).catch(() => undefined);
  return facts?.isDirectory() && path !== folder ? path : undefined;
}

async function asHubId(hint: string, revision: unknown): Promise<string | undefined> {
  const location = typeof revision === "string" && revision !== "" ? `hf://${hint}@${revision}` : `hf://${hint}`;
  const id = parseHubId(location);
  if (id === undefined) return undefined;
  try {
    await findSnapshot(id);
    return location;
  } catch (thrown) {
    if (thrown instanceof DeltaScopeError && thrown.code === "source.not-found") return undefined;
    throw thrown;
  }
}
