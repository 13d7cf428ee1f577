/** Statistics of spectra and their nulls, computed by the numeric crate. */
import type { Decay, EffectiveRank, NoiseReference } from "../../contract/domain/spectrum.ts";
import { addon } from "./addon.ts";

/** Effective ranks of a spectrum; undefined for a zero matrix, where they have no value. */
export function spectrumMetrics(values: Float64Array): EffectiveRank | undefined {
  const metrics = addon().metrics(values);
  if (!metrics) return undefined;
  const { stable, entropy, participation, e50, e90, e95, e99 } = metrics;
  return { stable, entropy, participation, energy50: e50, energy90: e90, energy95: e95, energy99: e99 };
}

/**
 * Power-law and exponential fit of the values above the noise floor; null below 12 of them.
 * @param shape [out, in]
 * @param floor standard deviation of the floor per entry; 0 when there is none
 */
export function decayFit(values: Float64Array, shape: readonly [number, number], floor: number): Decay | null {
  const fit = addon().decayFit(values, shape[0], shape[1], floor);
  if (!fit) return null;
  return {
    law: fit.law,
    exponent: fit.exponent,
    exponentLow: fit.exponentMinimum,
    exponentHigh: fit.exponentMaximum,
    rate: fit.rate,
    r2Power: fit.rSquared,
    r2Exponential: fit.rSquaredExponential,
    kept: fit.count,
  };
}

const references = new Map<number, NoiseReference>();

/** What pure noise of this shape gives, as shares of min(out, in). */
export function noiseReference(shape: readonly [number, number]): NoiseReference {
  const beta = Math.min(...shape) / Math.max(...shape);
  const known = references.get(beta);
  if (known) return known;
  const { stable, entropy, participation, e50, e90, e99 } = addon().noiseReference(beta);
  const reference = { stable, entropy, participation, energy50: e50, energy90: e90, energy99: e99 };
  references.set(beta, reference);
  return reference;
}

/** 99 % point of the largest singular value of an out × in matrix of independent entries of this deviation. */
export function noiseEdge(shape: readonly [number, number], deviation: number): number {
  return addon().noiseEdge(shape[0], shape[1], deviation).q99;
}

/** Share of a small Gaussian update that survives rounding, from the share of entries that did not change. */
export function keptSignal(unchangedShare: number): number | null {
  const strength = addon().strengthFromZeroShare(unchangedShare);
  return strength === null ? null : addon().roundedUpdate(strength).gain;
}

/**
 * P(best |cosine| > c) of a random direction in `width` dimensions with `count` orthonormal base vectors, for each c.
 * @param width out for left vectors, in for right ones
 */
export function randomDirectionPValues(width: number, count: number, cosines: Float64Array): Float64Array {
  const within = cosines.map((cosine) => Math.min(1, Math.max(0, cosine)));
  return addon().intruderProbabilities(width, count, within);
}
