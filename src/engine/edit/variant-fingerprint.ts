/** Names of variants by what decides their numbers: weights and edit, never paths. */
import { createHash } from "node:crypto";
import type { OpenedPair } from "./open-pair.ts";
import type { ResolvedEdit } from "./resolve.ts";

/** Part of every name; raise it when the same question would give other numbers. */
const VERSION = "deltascope.variant/1";

/** A checkpoint as it is on disk, whatever it was tuned from. */
export function modelFingerprint(fingerprint: string): string {
  return hashOf({ model: fingerprint });
}

export function variantFingerprint({ base, tuned }: OpenedPair, { identity }: ResolvedEdit): string {
  if (tuned.kind === "full" && identity === null) return modelFingerprint(tuned.fingerprint);
  return hashOf({ base: base.fingerprint, tuned: tuned.fingerprint, edit: identity });
}

function hashOf(what: unknown): string {
  return createHash("sha256").update(VERSION).update(JSON.stringify(what)).digest("hex");
}
