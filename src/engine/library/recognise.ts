/** What one location is, as an item of the library; what cannot be recognised keeps its error. */
import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { toDeltaScopeError } from "../../contract/errors.ts";
import { isHubAddress, parseHubId } from "../../contract/hub-id.ts";
import { shortText } from "../../contract/text.ts";
import { resolveAdapterBase } from "../checkpoint/adapter-base.ts";
import type { Opened } from "../checkpoint/checkpoint.ts";
import { open } from "../checkpoint/open.ts";
import { describeOpened } from "../inspect.ts";
import { findSnapshot } from "../source/hub-cache.ts";
import type { LibraryRecord } from "../store/types.ts";
import type { Found } from "./discover.ts";

/** An item before its place in the library is known. */
export type Recognised = Omit<LibraryRecord, "base" | "assigned" | "addedAt" | "removedAt">;

/** Never throws: reads headers only, and an error becomes the item's. */
export async function recognise(found: Found): Promise<Recognised> {
  if ("error" in found) return unrecognised(found.location, found.error);
  let opened: Opened;
  try {
    opened = await open(found.location);
  } catch (thrown) {
    return unrecognised(found.location, thrown);
  }
  return describe(opened);
}

async function describe(opened: Opened): Promise<Recognised> {
  const { source, kind, fingerprint } = opened;
  const path = source.single?.path ?? source.root;
  const known = { id: itemId(path), path, kind, fingerprint, hint: await hintOf(opened) };
  const label = labelOf(path, source.repository);
  try {
    const inspection = await describeOpened(opened);
    const bytes = inspection.files.reduce((sum, file) => sum + file.bytes, 0);
    return { ...known, label, bytes, inspection, error: null };
  } catch (thrown) {
    const bytes = source.files.reduce((sum, file) => sum + file.size, 0);
    return { ...known, label, bytes, inspection: null, error: toDeltaScopeError(thrown).toDocument() };
  }
}

function unrecognised(location: string, thrown: unknown): Recognised {
  const path = isHubAddress(location) ? location : resolve(location);
  return {
    id: itemId(path),
    path,
    label: labelOf(path, undefined),
    kind: "unknown",
    fingerprint: undefined,
    bytes: null,
    inspection: null,
    error: toDeltaScopeError(thrown).toDocument(),
  };
}

/** Hexadecimal digits of an item's id: enough for every list that a person makes. */
const idDigits = 12;

/** The same path is always the same item. */
function itemId(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, idDigits);
}

/** Longest shown name; folders may be named with thousands of letters, and with ones that reorder a line. */
const longestLabel = 80;

function labelOf(path: string, repository: string | undefined): string {
  const name = repository === undefined ? basename(path).replace(/\.safetensors$/, "") : basename(repository);
  return shortText(name || path, longestLabel);
}

/** Where the base lies that an adapter's configuration names. */
async function hintOf(opened: Opened): Promise<string | undefined> {
  if (opened.kind !== "adapter") return undefined;
  try {
    const hinted = await resolveAdapterBase(opened);
    if (hinted === undefined) return undefined;
    const id = isHubAddress(hinted) ? parseHubId(hinted) : undefined;
    return await realpath(id ? (await findSnapshot(id)).folder : hinted);
  } catch {
    return undefined; // a hint that leads nowhere is none
  }
}
