/** The stored decay law of a spectrum as a line that can be drawn over it. Pure. */
import type { Decay } from "../../src/contract/domain/spectrum.ts";

export interface TailFit {
  /** First and last index of the fit, from 1. */
  from: number;
  to: number;
  at: (j: number) => number;
}

/**
 * The stored fit keeps exponent and rate; its height follows from the values it was made of, each octave weighing
 * the same (weights 1/j, as in the fit). Undefined where nothing was fitted.
 */
export function tailFit(values: readonly number[], decay: Decay): TailFit | undefined {
  const slope =
    decay.law === "exponential" ? (j: number) => -decay.rate * j : (j: number) => -decay.exponent * Math.log(j);
  let weight = 0;
  let height = 0;
  for (let j = 1; j <= Math.min(decay.kept, values.length); j += 1) {
    const value = values[j - 1] ?? 0;
    if (value <= 0) continue;
    height += (Math.log(value) - slope(j)) / j;
    weight += 1 / j;
  }
  if (weight === 0) return undefined;
  const middle = height / weight;
  return { from: 1, to: decay.kept, at: (j) => Math.exp(middle + slope(j)) };
}
