/** The same module before and after, and everything that found no partner. */
import { z } from "zod";
import type { DeltaStatement } from "./adapter.ts";
import type { Role } from "./checkpoint.ts";
import type { MatrixView } from "./tensor.ts";

/** A weight matrix of the base and what the run makes of it. */
export interface MatrixPair {
  /** Module name without `.weight`, e.g. `model.layers.0.self_attn.q_proj`. */
  name: string;
  role: Role;
  /** [out, in] as compared (common rows only when the vocabulary was resized). */
  shape: [number, number];
  /** Undefined when the base is quantised and the delta does not need it. */
  base: MatrixView | undefined;
  delta: DeltaStatement;
}

/** What becomes of a 1-D tensor. */
export type VectorChange =
  /** "replace": tuned stands for the base; "add": tuned · scale is added to it. */
  | { mode: "replace" | "add"; tuned: MatrixView; scale: number }
  /** A statement over the base as a matrix of one column: the biases of families that change them with their rows. */
  | { mode: "stated"; delta: DeltaStatement };

/** A 1-D tensor (norm scale, bias): sizes only. `base` undefined: a new bias on top of nothing. */
export type VectorPair = VectorChange & {
  name: string;
  role: Role;
  length: number;
  base: MatrixView | undefined;
};

export const unpaired = z.object({
  name: z.string(),
  reason: z.enum([
    "missing",
    "extra",
    "shape",
    "tied",
    "quantised",
    "dtype",
    "ignored",
    "not-targeted",
    "unknown-head",
    "not-finite",
  ]),
  detail: z.string().optional(),
});
export type Unpaired = z.infer<typeof unpaired>;

export const pairingReport = z.object({ paired: z.number(), unpaired: z.array(unpaired) });
export type PairingReport = z.infer<typeof pairingReport>;
