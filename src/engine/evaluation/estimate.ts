/** How much memory scoring takes beyond the mapped weights (measured terms; evaluation of the 0.5B shape fits them). */

import { slices } from "./onnx/head.ts";
import type { ModelShape } from "./onnx/model-shape.ts";
import { BATCH_TOKENS } from "./rows.ts";

const FLOAT_BYTES = 4;
/** Node and the runtime, with nothing loaded. */
const PROCESS_BYTES = 60e6;

export interface BatchSize {
  /** Longest row, tokens. */
  rowTokens: number;
  /** Rows of the output layer that take part. */
  vocabRows: number;
  packed: boolean;
}

/** Largest anonymous memory of the scoring process, bytes. Activations assume that every place is scored. */
export function peakMemoryBytes(shape: ModelShape, { rowTokens, vocabRows, packed }: BatchSize): number {
  const { hidden, heads, headSize, intermediate } = shape;
  const rows = Math.max(1, Math.floor(BATCH_TOKENS / rowTokens));
  const tokens = rows * rowTokens;
  const linear = hidden * Math.max(intermediate, heads * headSize);
  const slice = slices(vocabRows)[0]?.count ?? 0;
  const head = slice * hidden + 2 * tokens * slice;
  const activations = tokens * (3 * intermediate + 4 * hidden);
  // Attention itself works in tiles; only what packed rows may see is held as a square.
  const visible = packed ? rows * rowTokens ** 2 : 0;
  return PROCESS_BYTES + FLOAT_BYTES * (Math.max(linear, head) + activations + visible);
}
