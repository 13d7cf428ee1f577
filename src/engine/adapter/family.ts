/** The one interface that every adapter family implements, one file each. */
import type { Alert } from "../../contract/alerts.ts";
import type { AdapterSummary } from "../../contract/domain/adapter.ts";
import type { MatrixPair, Unpaired, VectorPair } from "../../contract/domain/pair.ts";
import type { MatrixView } from "../../contract/domain/tensor.ts";
import type { AdapterPackage, Checkpoint } from "../checkpoint/checkpoint.ts";
import type { Steps } from "../turns.ts";

/**
 * What only the weights can tell about whether an adapter belongs to its base.
 * Whoever can read weights checks it before numbers are shown.
 */
export interface Evidence {
  /**
   * `equal`: `first` (stored in the adapter) is a copy of `second` (the base), up to the base's rounding.
   * `norms`: `first` (1 × n) holds the norms of `second` along `axis`, up to its rounding.
   * `leading`: `first` · `right` are the leading singular directions of `second` with their values, up to rounding.
   * `near-norms`: `first` holds magnitudes (1 × n) that start as these norms and are trained.
   */
  kind: "equal" | "leading" | "norms" | "near-norms";
  module: string;
  first: MatrixView;
  second: MatrixView;
  /** For `leading`: the factor on the right. */
  right?: MatrixView;
  /** For both kinds of norms: one norm for each row (linear layers) or each column (embeddings) of `second`. */
  axis?: "row" | "column";
  /** To be shown when the evidence speaks against this base. */
  alert: Alert;
  /** For `equal`: the pairs that take the place of the modules' pairs (or join the others) when the two differ. */
  pairsWhenDifferent?: MatrixPair[];
}

/** What an adapter does to a base: one stated delta per module, sizes of vectors, and what found no partner. */
export interface AdapterReading {
  summary: AdapterSummary;
  matrices: MatrixPair[];
  vectors: VectorPair[];
  unpaired: Unpaired[];
  alerts: Alert[];
  evidence: Evidence[];
}

/** A setting that changes what becomes of a type: a line of its own in docs/families.md. */
export interface FamilyVariant {
  /** As it is written in adapter_config.json. */
  setting: string;
  /** `read`, or the code of the refusal. */
  status: string;
  note: string;
}

export interface AdapterFamily {
  /** peft_type values this family reads. */
  types: readonly string[];
  /** Names of its tensors, of a module's own and of those that all modules share. */
  factors: ReadonlySet<string>;
  /** Needs the base weights for every ΔW. */
  needsBase: boolean;
  /** Which adapters of the type are read, where not all are: the end of a line in docs/families.md. */
  limits?: string;
  variants?: readonly FamilyVariant[];
  /** Settings only: rank, alpha, scale and its formula; no base needed, used by `inspect`. Throws refusals. */
  summarize(adapter: AdapterPackage): Steps<AdapterSummary>;
  /** The stated deltas. Throws a DeltaScopeError in the order files, config, keys, shapes, values. */
  read(adapter: AdapterPackage, base: Checkpoint): Steps<AdapterReading>;
}
