/** What the engine asks of the numeric crate. The native backend answers by threads; the plain one by simple loops, for tests. */
import type { DeltaStatement } from "../../contract/domain/adapter.ts";
import type { VectorChange } from "../../contract/domain/pair.ts";
import type { MatrixView } from "../../contract/domain/tensor.ts";

export interface ModuleQuestion {
  name: string;
  base: MatrixView | undefined;
  runs: { key: string; delta: DeltaStatement; rounding?: "bf16" | "f16" | undefined }[];
  k: number;
  epsilon: number;
  epsilons: number[];
  /** Empty: sizes and spectra of ΔW only. */
  sides: ("left" | "right")[];
  exact: boolean;
  /** Storage type to which W is rounded first (`--as-merged`). */
  asMerged?: "BF16" | "F16" | "F32" | undefined;
  seed: number;
  threads: number;
}

export interface TopAnswer {
  frobenius: number;
  singularValues: Float64Array;
  residuals: Float64Array;
}

/** One entry for each top vector of W: k of them, fewer where the matrix has fewer or fewer of its values are resolved. */
export interface SideAnswer {
  side: "left" | "right";
  lower: Float64Array;
  upper: Float64Array;
  /** Index of the base vector that reaches the lower bound; −1 where not known. */
  best: Int32Array;
  spanEnergy: Float64Array;
  /** ‖uᵀΔW‖² / ‖ΔW‖_F² of each vector (‖ΔW v‖² for right vectors); zeros when ΔW is zero. */
  deltaShare: Float64Array;
  method: "matched" | "lanczos" | "exact";
  steps: number;
  degenerate: boolean;
  climbed: string[];
}

export interface RoundingAnswer {
  equal: number;
  total: number;
  stepSquares: number;
  rowMaximum: number;
  columnMaximum: number;
  withinHalfStep: boolean;
  baseOnGrid: boolean;
  tunedOnGrid: boolean;
}

export interface RunAnswer {
  delta: {
    frobenius: number;
    singularValues: Float64Array;
    method: "factors" | "gram" | "bidiagonal" | "zero";
    resolution: number;
  };
  rounding?: RoundingAnswer;
  tuned?: TopAnswer;
  sides: SideAnswer[];
  seconds: number;
}

/** A failure as the addon reports it; `code` is the kind in kebab-case. */
export interface NativeFailure {
  code: string;
  message: string;
  place?: string;
}

export interface ModuleAnswer {
  base?: TopAnswer;
  baseFrobenius?: number;
  criticalStrength?: number;
  runs: { key: string; answer?: RunAnswer; error?: NativeFailure }[];
  baseSeconds: number;
}

export interface VectorAnswer {
  baseFrobenius: number;
  deltaFrobenius: number;
  equal: number;
  total: number;
}

export interface HeaderTensor {
  name: string;
  dtype: string;
  shape: number[];
  begin: number;
  end: number;
}

export interface Header {
  tensors: HeaderTensor[];
  fileSize: number;
  mtimeNs: bigint;
}

export interface OverlapAnswer {
  left: Float64Array;
  right: Float64Array;
  deltaCosine?: number | undefined;
}

export interface ExactQuestion {
  name: string;
  base: MatrixView;
  delta: DeltaStatement;
  asMerged?: "BF16" | "F16" | "F32" | undefined;
  /** Top vectors of W that are examined. */
  k: number;
  threads: number;
}

export interface ExactAnswer {
  /** All singular values, falling. */
  base: Float64Array;
  tuned: Float64Array;
  /** |⟨tuned vector j, base vector i⟩| at `j · base.length + i`, j below `examined`. */
  left: Float64Array;
  right: Float64Array;
  examined: number;
}

export interface NormAgreement {
  /** Median of magnitude / norm. */
  medianRatio: number;
  /** ‖magnitudes − norms‖ / ‖norms‖. */
  distance: number;
}

/** Long calls run off the event loop; every failure is a DeltaScopeError. */
export interface Backend {
  readonly threads: number;
  analyzeModule(question: ModuleQuestion, signal?: AbortSignal): Promise<ModuleAnswer>;
  vectorDelta(pair: VectorChange & { base: MatrixView | undefined }, signal?: AbortSignal): Promise<VectorAnswer>;
  /** Overlap of two updates that are sums of factors, of an out × in matrix. */
  overlap(name: string, first: DeltaStatement, second: DeltaStatement, signal?: AbortSignal): Promise<OverlapAnswer>;
  /** Spectra and cosines of one module by full decompositions. */
  inspectModule(question: ExactQuestion, signal?: AbortSignal): Promise<ExactAnswer>;
  /** Norms of a matrix and of its difference to another one of the same shape. */
  difference(base: MatrixView, other: MatrixView, signal?: AbortSignal): Promise<VectorAnswer>;
  /** Magnitudes against the norms of a matrix's rows or columns; undefined when all norms are zero. */
  normAgreement(
    matrix: MatrixView,
    magnitudes: MatrixView,
    axis: "row" | "column",
    signal?: AbortSignal,
  ): Promise<NormAgreement | undefined>;
  /** ‖Bᵀ(W − B·A)‖ / ‖Bᵀ·B·A‖: zero for the leading singular directions of W; undefined when B·A is zero. */
  projectionGap(
    matrix: MatrixView,
    left: MatrixView,
    right: MatrixView,
    signal?: AbortSignal,
  ): Promise<number | undefined>;
}
