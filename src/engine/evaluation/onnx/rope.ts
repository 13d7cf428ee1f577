/** Rotary position tables, in the float32 steps of transformers (modeling_rope_utils.py, 5.23). */

const round = Math.fround;

interface RopeCommon {
  theta: number;
  /** `max_position_embeddings`. */
  maxPositions: number;
}

export type Rope = RopeCommon &
  (
    | { type: "default" | "dynamic" }
    | { type: "linear"; factor: number }
    | { type: "llama3"; factor: number; original: number; lowFrequency: number; highFrequency: number }
    | ({ type: "yarn" } & Yarn)
  );

export interface Yarn {
  factor: number;
  /** `original_max_position_embeddings`. */
  original: number;
  /** What cos and sin are multiplied by. */
  attentionFactor: number;
  betaFast: number;
  betaSlow: number;
  truncate: boolean;
}

/** Cosines and sines, `[positions, headSize / 2]` in row order. */
export interface RopeTables {
  cos: Float32Array;
  sin: Float32Array;
}

export function ropeTables(rope: Rope, headSize: number, positions: number): RopeTables {
  const inverse = inverseFrequencies(rope, headSize);
  const scale = rope.type === "yarn" ? rope.attentionFactor : 1;
  const half = inverse.length;
  const tables = { cos: new Float32Array(positions * half), sin: new Float32Array(positions * half) };
  for (let place = 0; place < tables.cos.length; place += 1) {
    const angle = round((inverse[place % half] ?? 0) * Math.floor(place / half));
    tables.cos[place] = round(Math.cos(angle)) * scale;
    tables.sin[place] = round(Math.sin(angle)) * scale;
  }
  return tables;
}

/** Radians per position, `[headSize / 2]`. */
export function inverseFrequencies(rope: Rope, headSize: number): Float32Array {
  const frequencies = Float32Array.from({ length: headSize / 2 }, (_, i) => frequency(rope.theta, i, headSize));
  const inverse = frequencies.map((value) => 1 / value);
  if (rope.type === "linear") return inverse.map((value) => value / rope.factor);
  if (rope.type === "llama3") return inverse.map((value) => llama3(value, rope));
  if (rope.type === "yarn") return yarn(rope, frequencies, headSize);
  // "dynamic" equals the default up to max_position_embeddings; longer inputs are refused.
  return inverse;
}

function frequency(theta: number, index: number, headSize: number): number {
  return theta ** round((2 * index) / headSize);
}

function llama3(inverse: number, rope: Extract<Rope, { type: "llama3" }>): number {
  const { factor, original, lowFrequency, highFrequency } = rope;
  const wavelength = round((2 * Math.PI) / inverse);
  if (wavelength > original / lowFrequency) return inverse / factor;
  if (wavelength < original / highFrequency) return inverse;
  const smooth = round(round(round(original / wavelength) - lowFrequency) / (highFrequency - lowFrequency));
  return round(round(round(1 - smooth) * inverse) / factor) + round(smooth * inverse);
}

/** Slow dimensions are stretched by the factor, fast ones kept, those between blended. */
function yarn(rope: RopeCommon & Yarn, frequencies: Float32Array, headSize: number): Float32Array {
  const [low, high] = yarnRange(rope, headSize);
  return frequencies.map((value, index) => {
    const ramp = Math.min(1, Math.max(0, round((index - low) / (high - low))));
    const keep = round(1 - ramp);
    const stretched = round(1 / round(rope.factor * value));
    return round(stretched * round(1 - keep)) + round(round(1 / value) * keep);
  });
}

function yarnRange({ theta, original, betaFast, betaSlow, truncate }: RopeCommon & Yarn, headSize: number) {
  const dimension = (rotations: number): number =>
    (headSize * Math.log(original / (rotations * 2 * Math.PI))) / (2 * Math.log(theta));
  const [fast, slow] = [dimension(betaFast), dimension(betaSlow)];
  const low = Math.max(truncate ? Math.floor(fast) : fast, 0);
  const high = Math.min(truncate ? Math.ceil(slow) : slow, headSize - 1);
  return [low, high === low ? high + 0.001 : high] as const;
}

/** 0.1 · m · ln(factor) + 1: how yarn sharpens attention when its configuration does not say. */
export function yarnScale(factor: number, multiplier = 1): number {
  return factor <= 1 ? 1 : 0.1 * multiplier * Math.log(factor) + 1;
}
