/** Small summaries that every shell shows; undefined where there is nothing to summarise. */

/** Defined, finite numbers only. */
export function definedNumbers(values: Iterable<number | null | undefined>): number[] {
  return [...values].filter((value): value is number => typeof value === "number" && Number.isFinite(value));
}

/** Middle value; the mean of the two middle ones for an even count. */
export function median(values: Iterable<number | null | undefined>): number | undefined {
  const sorted = definedNumbers(values).sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return undefined;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Largest value; unlike Math.max it takes any number of values. */
export function maximum(values: Iterable<number | null | undefined>): number | undefined {
  let largest: number | undefined;
  for (const value of definedNumbers(values)) if (largest === undefined || value > largest) largest = value;
  return largest;
}

export function minimum(values: Iterable<number | null | undefined>): number | undefined {
  const negated = maximum(definedNumbers(values).map((value) => -value));
  return negated === undefined ? undefined : -negated;
}
