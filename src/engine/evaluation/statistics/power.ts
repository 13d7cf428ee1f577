/** The smallest difference that a sample can show with 80 % power at 5 %, two-sided. */
import type { Units } from "./bootstrap.ts";

/** Φ⁻¹(0.975) + Φ⁻¹(0.8). */
const standardErrors = 1.959963984540054 + 0.8416212335729143;
/** Share of items that flip either way, where nothing is known yet. */
const guessedFlips = 0.1;

/**
 * For accuracy: ≈ 2.8·√(f / n), f the share of items that flip either way. A difference of d needs flips of at least d, so
 * with few flips the bound is met by flips that all go one way: 2.8² / n, about eight items.
 * @returns a share of 1; undefined where even all items flipped one way would not do
 */
export function detectableDifference(items: number, flips: number = guessedFlips): number | undefined {
  if (items <= 0) return undefined;
  const share = Math.max(flips, standardErrors ** 2 / items);
  const difference = standardErrors * Math.sqrt(share / items);
  return difference <= 1 ? difference : undefined;
}

/** For a ratio such as bits per byte: 2.8 standard errors (of the ratio estimator) between the units at hand. */
export function detectableRatio({ change, weight }: Units): number | undefined {
  const count = change.length;
  if (count < 2) return undefined;
  let changed = 0;
  let weighed = 0;
  for (let unit = 0; unit < count; unit += 1) {
    changed += change[unit] ?? 0;
    weighed += weight[unit] ?? 0;
  }
  let squares = 0;
  for (let unit = 0; unit < count; unit += 1) {
    squares += ((change[unit] ?? 0) - (changed / weighed) * (weight[unit] ?? 0)) ** 2;
  }
  const error = Math.sqrt((squares * count) / (count - 1)) / weighed;
  return standardErrors * error;
}
