/** What a random direction would reach: the yardstick beside every best cosine. */

/** Steps of the integral over the cosine; its error lies far below the two digits that are shown. */
const steps = 4000;
const known = new Map<string, number>();

/**
 * Expected best |cosine| of a uniformly random direction in `width` dimensions with `count` orthonormal vectors,
 * by E[max] = ∫ P(max > c) dc with P(max > c) ≈ 1 − (1 − p₁(c))^count.
 */
export function randomDirectionCosine(width: number, count: number): number {
  const key = `${width}×${count}`;
  const stored = known.get(key);
  if (stored !== undefined) return stored;
  const value = expectedBest(width, count);
  known.set(key, value);
  return value;
}

/** The same for the left (length out) or right (length in) singular vectors of a matrix of `shape` [out, in]. */
export function randomDirectionOf(shape: readonly [number, number], side: "left" | "right"): number {
  return randomDirectionCosine(side === "left" ? shape[0] : shape[1], Math.min(...shape));
}

function expectedBest(width: number, count: number): number {
  if (width <= 1) return 1;
  const below = cumulative(width);
  const end = below.end / steps;
  let sum = 0;
  for (let index = 0; index < steps; index += 1) {
    const share = ((below.values[index] ?? 1) + (below.values[index + 1] ?? 1)) / 2;
    sum += 1 - share ** count;
  }
  return sum * end;
}

/** P(|u₁| ≤ c) on an even grid of c: the integral of (1 − t²)^((width − 3) / 2), divided by its whole. */
function cumulative(width: number): { end: number; values: Float64Array } {
  // Beyond twelve standard deviations (each 1/√width) nothing is left to count.
  const end = Math.min(1, 12 / Math.sqrt(width));
  const values = new Float64Array(steps + 1);
  // The midpoint rule stays off the ends, where widths below three have a pole.
  for (let index = 0; index < steps; index += 1) {
    const t = ((index + 0.5) / steps) * end;
    values[index + 1] = (values[index] ?? 0) + (1 - t * t) ** ((width - 3) / 2);
  }
  const whole = values[steps] ?? 1;
  return { end, values: values.map((value) => value / whole) };
}
