/** Sizes of effects that do not grow with the number of items. */

/** Cohen's g of the flips: share of lost among them minus ½; 0.5 all lost, −0.5 all gained; undefined without flips. */
export function cohensG(lost: number, gained: number): number | undefined {
  return lost + gained === 0 ? undefined : lost / (lost + gained) - 0.5;
}

/** Mean of the paired differences over their standard deviation (Cohen's d_z); undefined where they do not vary. */
export function standardisedDifference(differences: readonly number[]): number | undefined {
  const count = differences.length;
  if (count < 2) return undefined;
  const mean = differences.reduce((sum, value) => sum + value, 0) / count;
  const squares = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (count - 1));
  return deviation === 0 ? undefined : mean / deviation;
}

/** Mean chance of a blind guess: right choices over choices, per item. */
export function chanceLevel(items: readonly { choices: number; golds: number }[]): number {
  return items.reduce((sum, { choices, golds }) => sum + golds / choices, 0) / items.length;
}

/**
 * Forgetting as a share of what the base had above chance: 1 is all of it, below 0 is better than the base.
 * Undefined where the base was not above chance: there was nothing to forget.
 */
export function chanceAdjustedForgetting(base: number, tuned: number, chance: number): number | undefined {
  return base > chance ? (base - tuned) / (base - chance) : undefined;
}
