/** Opens a base and what was made of it, and pairs them; only headers and evidence are read. */
import type { Alert } from "../../contract/alerts.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { checkEvidence } from "../analysis/evidence.ts";
import { resolveAdapterBase } from "../checkpoint/adapter-base.ts";
import type { Checkpoint, Opened } from "../checkpoint/checkpoint.ts";
import { open } from "../checkpoint/open.ts";
import type { Backend } from "../linalg/backend.ts";
import { pair } from "../pairing/pair.ts";
import type { Pairing } from "../pairing/pairing.ts";
import { quote } from "../source/quote.ts";

export interface OpenedPair {
  base: Checkpoint;
  tuned: Opened;
  pairing: Pairing;
  /** Of opening both, of pairing, and of the evidence. */
  alerts: Alert[];
}

/**
 * @param base where it is; left out for an adapter that names its base
 * @throws DeltaScopeError `adapter.base-missing`, `pairing.base-is-adapter`, and what opening and pairing throw
 */
export async function openPair(
  base: string | undefined,
  tuned: string,
  backend: Backend,
  signal?: AbortSignal,
): Promise<OpenedPair> {
  const changed = await open(tuned);
  const original = await openBase(base ?? (await hintedBase(changed)));
  const { pairing, alerts } = await checkEvidence(await pair(original, changed), backend, signal);
  return {
    base: original,
    tuned: changed,
    pairing,
    alerts: [...original.alerts, ...changed.alerts, ...pairing.alerts, ...alerts],
  };
}

/** @throws DeltaScopeError `pairing.base-is-adapter` */
export async function openBase(location: string): Promise<Checkpoint> {
  const opened = await open(location);
  if (opened.kind === "full") return opened;
  const message = `${quote(location)} is an adapter; a base is a full checkpoint.`;
  throw new DeltaScopeError("pairing.base-is-adapter", message, location);
}

async function hintedBase(tuned: Opened): Promise<string> {
  const hint = tuned.kind === "adapter" ? await resolveAdapterBase(tuned) : undefined;
  if (hint !== undefined) return hint;
  const which = tuned.kind === "adapter" ? "the adapter names none that is on this machine" : "it is a full checkpoint";
  const place = tuned.source.location;
  throw new DeltaScopeError("adapter.base-missing", `No base was given for ${quote(place)}: ${which}.`, place);
}
