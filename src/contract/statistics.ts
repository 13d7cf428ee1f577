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

export function maximum(values: Iterable<number | null | undefined>): number | undefined {
  return definedNumbers(values).reduce<number | undefined>(
    (largest, value) => (largest === undefined || value > largest ? value : largest),
    undefined,
  );
}
