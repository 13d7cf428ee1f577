/** What the engine and its scoring process say to each other: one question at a time, one answer to each. */
import type { ErrorDocument } from "../../../contract/errors.ts";
import type { Row } from "../rows.ts";
import type { FactorInput } from "./graph-parts.ts";

/** What the process checks its questions against. */
export interface SessionFacts {
  vocabulary: number;
  vocabRows: number;
  /** Longest way through a row, and longest row. */
  maxTokens: number;
  rowTokens: number;
  packed: boolean;
  factors: readonly FactorInput[];
}

/** Factors of one module: two float32 matrices of a file. */
export interface FactorRange {
  module: string;
  rank: number;
  /** First bytes of A [rank, inputs] and B [outputs, rank]. */
  a: number;
  b: number;
}

export interface FactorFile {
  path: string;
  size: number;
  mtimeNs: bigint;
  ranges: FactorRange[];
}

export type ScoringQuestion =
  /** Which runtime there is. */
  | { kind: "probe" }
  | { kind: "open"; model: Uint8Array; folder: string; threads: number; facts: SessionFacts }
  /** Factors for the batches that follow; none for the model as it is. */
  | { kind: "factors"; file: FactorFile | undefined }
  | { kind: "batch"; rows: readonly Row[] };

/** Of one row, for each of its targets. */
export interface RowScores {
  /** Nats. */
  logProbabilities: Float32Array;
  /** Whether the target is the likeliest token of its place. */
  greedy: boolean[];
}

export type ScoringAnswer =
  | { kind: "runtime"; version: string }
  | { kind: "ready" }
  | { kind: "scored"; rows: RowScores[] }
  | { kind: "failed"; error: ErrorDocument };
