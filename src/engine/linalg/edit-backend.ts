/**
 * What edits ask of the numeric crate. Weights, singular vectors and factors stay in its memory: questions name files,
 * answers are numbers, and the two handles below stand for what is kept between two questions.
 */

import type { DeltaStatement, LowRankTerm } from "../../contract/domain/adapter.ts";
import type { Arm } from "../../contract/domain/edit.ts";
import type { MatrixView, TensorRef } from "../../contract/domain/tensor.ts";

/** W0 and what the run makes of it; out × in. */
export interface EditModule {
  /** For messages. */
  name: string;
  base: MatrixView;
  delta: DeltaStatement;
}

/** Singular triplets of W = W0 + ΔW, falling; u and v stay in the numeric crate. The sign of u makes its largest entry positive. */
export interface Triplets {
  /** out, in */
  readonly shape: readonly [number, number];
  /** ‖W0‖_F. */
  readonly baseFrobenius: number;
  /** ‖ΔW‖_F. */
  readonly deltaFrobenius: number;
  /** As many as asked for; fewer where W has fewer values that are not zero. */
  readonly singularValues: Float64Array;
  /** uᵀ·ΔW·v of each. */
  readonly overlaps: Float64Array;
  /** ‖W·Wᵀ·u − σ²·u‖ / σ₁² of each; at most 1e-7. */
  readonly residuals: Float64Array;
  /** Frees all vectors but these; a question that names a freed one is refused. */
  keep(indices: readonly number[]): void;
}

export interface VectorTerm {
  /** Place in the triplets, from 0. */
  index: number;
  /** c of c·u·vᵀ. */
  coefficient: number;
}

/** What is made of ΔW: weight·ΔW + Σ coefficient·u·vᵀ. The unchanged tuned matrix is `{ weight: 1, vectors: [] }`. */
export interface Change {
  weight: number;
  vectors: readonly VectorTerm[];
  /** Of the module; left out where `vectors` is empty. */
  triplets?: Triplets | undefined;
}

/** W0 + weight·ΔW + Σ coefficient·u·vᵀ, for any form of ΔW. */
export interface EditedModule extends EditModule, Change {}

/** A part of a sum of factors: weight·Σ scale·left·right + Σ coefficient·u·vᵀ; base matrices are not read. */
export interface FactorSum extends Change {
  lowRank: readonly LowRankTerm[];
}

/** How much a sum is shortened. Without both: nothing but what is numerically zero is left out. */
export interface Shortening {
  /** This rank; less where the matrix is smaller or the factors have fewer columns. */
  rank?: number | undefined;
  /** The least rank that keeps this share of Σσ²; 0 to 1. */
  energy?: number | undefined;
}

/** Two factors held in the numeric crate: ΔW ≈ left·right with √σ in both. */
export interface Factors {
  readonly shape: readonly [number, number];
  /** Zero for a ΔW that is zero. */
  readonly rank: number;
  /** Singular values kept, falling. */
  readonly kept: Float64Array;
  /** ‖what is left out‖_F as the spectrum says (Eckart and Young). */
  readonly error: number;
  /** ‖ΔW‖_F before anything was left out. */
  readonly frobenius: number;
  /** Frees the factors. */
  release(): void;
}

/** Where the numbers of one written tensor come from. */
export type TensorSource =
  /** The stored bytes, unchanged; type and shape must be those of the tensor. Any type. */
  | { kind: "copy"; tensor: TensorRef }
  /** Σ weight·tensor, element by element, in f64; of any shape, all with as many elements. One term of weight 1 changes the type alone. */
  | { kind: "sum"; terms: readonly { weight: number; tensor: TensorRef }[] }
  /**
   * A stored tensor in which windows (`place.tensor` is that tensor) hold edited matrices. A window given twice is
   * refused: tied heads and repeated layers share one stored matrix.
   */
  | { kind: "matrix"; tensor: TensorRef; patches: readonly { place: MatrixView; module: EditedModule }[] }
  /**
   * One side of factors, scale and weight folded into the left one: left is out × r, right r × in; transposed on demand.
   * A list of sums is written without loss, its parts side by side; one without any factor is refused.
   */
  | { kind: "factor"; side: "left" | "right"; of: Factors | readonly FactorSum[]; transpose?: boolean };

export interface PlannedTensor {
  name: string;
  /** Any type for copies; F64, F32, F16 or BF16 for the others, rounded to nearest even. */
  dtype: string;
  shape: readonly number[];
  source: TensorSource;
}

export interface WriteQuestion {
  /** Must not exist yet. It is synchronised to disk; the caller renames it. Removed when writing fails or is cancelled. */
  path: string;
  tensors: readonly PlannedTensor[];
  /** Beside `format: "pt"` in `__metadata__`. */
  metadata?: Readonly<Record<string, string>> | undefined;
  threads: number;
}

export interface WriteAnswer {
  bytes: number;
  /** Lower-case hex of the whole file. */
  sha256: string;
  tensors: {
    name: string;
    /** ‖written‖_F; undefined for copies. */
    frobenius: number | undefined;
    /** ‖written − intended‖_F; undefined for copies. */
    roundingError: number | undefined;
  }[];
}

/** What was read back against what was meant, Frobenius norms. */
export interface Comparison {
  /** ‖ΔW_read − ΔW_intended‖. */
  error: number;
  /** ‖ΔW_intended‖. */
  intended: number;
  /** ‖ΔW_read‖. */
  read: number;
}

/** Sizes of one arm in one module. */
export interface ArmAnswer {
  /** ΔW′ = weight·ΔW + Σ coefficient·u·vᵀ. */
  weight: number;
  /** Of each vector that was given, in that order; zeros for arms that only scale ΔW. */
  coefficients: Float64Array;
  /** ‖ΔW′‖_F. */
  deltaFrobenius: number;
  /** ‖W′ − W‖_F. */
  step: number;
  /** The step is longer than ΔW: ΔW is removed whole, and the arm is shorter than its intervention. */
  clamped: boolean;
}

export interface ArmQuestion {
  arm: Arm;
  lambda: number;
  /** ‖ΔW‖_F. */
  deltaFrobenius: number;
  /** σ of the chosen vectors (the neighbours for `neighbour`). */
  singularValues: Float64Array;
  /** uᵀ·ΔW·v of the same. */
  overlaps: Float64Array;
}

/** Long calls run off the event loop; every failure is a DeltaScopeError. */
export interface EditBackend {
  readonly threads: number;
  /**
   * The top `count` singular triplets of W. An adapter's ΔW is never formed.
   * @throws `analysis.not-finite`, `pairing.shape-mismatch`, `linalg.no-convergence`, reading errors
   */
  triplets(
    question: EditModule & { count: number; seed: number; threads: number },
    signal?: AbortSignal,
  ): Promise<Triplets>;
  /** Closed forms from the numbers of the triplets. @throws `linalg.invalid-argument` */
  arm(question: ArmQuestion): ArmAnswer;
  /** Best approximation of ΔW, whatever its form, by factors. */
  extract(question: EditModule & Shortening & { threads: number }, signal?: AbortSignal): Promise<Factors>;
  /** Best approximation of a sum of factors, from the factors alone. */
  refactor(
    question: Shortening & { name: string; parts: readonly FactorSum[]; threads: number },
    signal?: AbortSignal,
  ): Promise<Factors>;
  /**
   * Writes a safetensors file block by block.
   * @param onBytes bytes done so far, at most 10 times a second
   * @throws `output.unwritable`, `analysis.not-finite` for a value that the type cannot hold, reading errors
   */
  write(question: WriteQuestion, signal?: AbortSignal, onBytes?: (done: number) => void): Promise<WriteAnswer>;
  /** A matrix read back against the edited module. */
  compareMatrix(module: EditedModule, read: MatrixView, threads: number, signal?: AbortSignal): Promise<Comparison>;
  /** Factors read back against a sum of factors. */
  compareFactors(
    question: { name: string; intended: Factors | readonly FactorSum[]; read: readonly LowRankTerm[] },
    signal?: AbortSignal,
  ): Promise<Comparison>;
  /** Factors read back against the edited module, through the matrices: what an approximation really left out. */
  compareUpdate(
    module: EditedModule,
    read: readonly LowRankTerm[],
    threads: number,
    signal?: AbortSignal,
  ): Promise<Comparison>;
}
