/** A partial set of weights to add to a base, and the statement of what it does to one matrix. */
import { z } from "zod";
import type { MatrixView, TensorRef } from "./tensor.ts";

export const adapterSummary = z.object({
  /** peft_type in upper case. */
  type: z.string(),
  rank: z.number().nullable(),
  alpha: z.number().nullable(),
  /** Factor in front of B·A where no pattern changes it. */
  scale: z.number().nullable(),
  scaleFormula: z.string(),
  /** `dora`, `rslora`, `rank_pattern`, `alpha_pattern`, `lora_bias`, `modules_to_save`, `token-rows`, `experts`, … */
  variants: z.array(z.string()),
  targets: z.array(z.string()),
  baseModel: z.string().nullable(),
});
export type AdapterSummary = z.infer<typeof adapterSummary>;

/** ΔW = scale · left · right; left is out × r, right is r × in. */
export interface LowRankTerm {
  left: MatrixView;
  right: MatrixView;
  scale: number;
}

/** The formulas of families beyond plain factors, each a file of the numeric crate. */
export type FormulaKind =
  | "affine"
  | "bank"
  | "bases"
  | "blocks"
  | "circulant"
  | "combined"
  | "delora"
  | "diagonal"
  | "fourier"
  | "gated"
  | "grains"
  | "hadamard"
  | "joint"
  | "kronecker"
  | "network"
  | "pairs"
  | "picked"
  | "projection"
  | "reflection"
  | "rotation"
  | "scaled"
  | "sparse"
  | "taken"
  | "tiles"
  | "wavelet";

/** What a family makes of one matrix: named matrices of the adapter (vectors as one row) and numbers of its settings. */
export interface DeltaFormula {
  kind: FormulaKind;
  /** [out, in] of the matrix. */
  shape: [number, number];
  views: Record<string, MatrixView>;
  /** Named lists of positions, stored as whole numbers. */
  positions?: Record<string, TensorRef>;
  /** Switches are 0 or 1. */
  numbers: Record<string, number>;
}

/**
 * The tuned matrix stated over the base, every part optional and applied in this order:
 * W′ = dora( formula( replacedRows( replacement ?? W0 ) ) + Σ scale·left·right ).
 * Only low-rank terms: ΔW is known exactly from the factors and W0 is not needed for it.
 */
export interface DeltaStatement {
  replacement?: MatrixView;
  replacedRows?: { indices: number[]; values: MatrixView };
  formula?: DeltaFormula;
  lowRank?: LowRankTerm[];
  /** W′ = diag(m/‖V‖) V by rows (linear layers) or columns (embeddings); without magnitude m = ‖W‖. */
  dora?: { magnitude?: MatrixView; axis: "row" | "column" };
}
