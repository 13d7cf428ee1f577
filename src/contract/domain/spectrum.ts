/** Singular values in falling order and the statistics drawn from them. */
import { z } from "zod";

const quantity = z.number().nullable();

export const effectiveRank = z.object({
  stable: quantity,
  entropy: quantity,
  participation: quantity,
  energy50: quantity,
  energy90: quantity,
  energy95: quantity,
  energy99: quantity,
});
export type EffectiveRank = z.infer<typeof effectiveRank>;

/** Decay law of the values above the floor; null where fewer than 12 values are left. */
export const decay = z.object({
  law: z.enum(["power", "exponential", "neither"]),
  exponent: z.number(),
  exponentLow: quantity,
  exponentHigh: quantity,
  rate: z.number(),
  r2Power: z.number(),
  r2Exponential: z.number(),
  kept: z.number().int(),
});
export type Decay = z.infer<typeof decay>;

/** What pure noise of the same shape gives, as shares of min(out, in). */
export const noiseReference = z.object({
  stable: z.number(),
  entropy: z.number(),
  participation: z.number(),
  energy50: z.number(),
  energy90: z.number(),
  energy99: z.number(),
});
export type NoiseReference = z.infer<typeof noiseReference>;

export const deltaMeasures = z.object({
  frobenius: z.number(),
  spectral: z.number(),
  /** ‖ΔW‖_F / ‖W0‖_F; null when W0 is zero or quantised. */
  relative: quantity,
  singularValues: z.array(z.number()),
  method: z.enum(["factors", "gram", "bidiagonal", "zero"]),
  /** Values below this are not resolved by the method. */
  resolution: z.number(),
  effectiveRank,
  decay: decay.nullable(),
  noiseReference: noiseReference.nullable(),
});
export type DeltaMeasures = z.infer<typeof deltaMeasures>;

/** Rounding audit of a full checkpoint. */
export const rounding = z.object({
  /** ‖e‖_F that rounding fresh values to the storage type would give. */
  floorFrobenius: z.number(),
  /** 99 % edge of the singular values of that floor, for iid entries. */
  edge: z.number(),
  /** Safe upper edge when rows or columns differ in size. */
  safeEdge: z.number(),
  /** Share of entries bit-identical in base and tuned. */
  unchangedShare: z.number(),
  /** Number of singular values of ΔW above the edge. */
  aboveEdge: z.number().int(),
  /** Share of ‖ΔW‖² that is not floor; null when every change is real. */
  signalShare: quantity,
  /** Share of a small Gaussian update that survives rounding, a(t). */
  keptSignal: quantity,
  verdict: z.enum(["cast-only", "real", "blurred", "above-floor", "within-floor", "identical"]),
});
export type Rounding = z.infer<typeof rounding>;

export const topSpectrum = z.object({
  frobenius: z.number(),
  singularValues: z.array(z.number()),
  residuals: z.array(z.number()),
});
export type TopSpectrum = z.infer<typeof topSpectrum>;
