/** The one interface that every adapter family implements, one file each. */
import type { Alert } from "../../contract/alerts.ts";
import type { AdapterSummary } from "../../contract/domain/adapter.ts";
import type { MatrixPair, Unpaired, VectorPair } from "../../contract/domain/pair.ts";
import type { AdapterPackage, Checkpoint } from "../checkpoint/checkpoint.ts";

/** What an adapter does to a base: one stated delta per module, sizes of vectors, and what found no partner. */
export interface AdapterReading {
  summary: AdapterSummary;
  matrices: MatrixPair[];
  vectors: VectorPair[];
  unpaired: Unpaired[];
  alerts: Alert[];
}

export interface AdapterFamily {
  /** peft_type values this family reads. */
  types: readonly string[];
  /** Needs the base weights for every ΔW (status B in adapters.md). */
  needsBase: boolean;
  /** Settings only: rank, alpha, scale and its formula; no base needed, used by `inspect`. Throws refusals. */
  summarize(adapter: AdapterPackage): AdapterSummary;
  /** The stated deltas. Throws a DeltaScopeError in the order files, config, keys, shapes, values. */
  read(adapter: AdapterPackage, base: Checkpoint): AdapterReading;
}
