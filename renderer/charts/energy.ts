/** E(k): the share of Σσ² that the k largest singular values hold. Pure. */

/** E(1) … E(n) of falling singular values; empty when all are zero. */
export function cumulativeEnergy(values: readonly number[], total?: number): number[] {
  const whole = total ?? values.reduce((sum, value) => sum + value * value, 0);
  if (!(whole > 0)) return [];
  let held = 0;
  return values.map((value) => {
    held += value * value;
    return Math.min(1, held / whole);
  });
}

/** Least k with E(k) ≥ share; undefined when the values do not reach it. */
export function energyRank(energy: readonly number[], share: number): number | undefined {
  const index = energy.findIndex((value) => value >= share - 1e-12);
  return index < 0 ? undefined : index + 1;
}

/** E at k of a curve that is known at some k only: the last known one at or before k; 0 before the first. */
export function energyAt(curve: { k: readonly number[]; energy: readonly number[] }, k: number): number {
  let found = 0;
  for (const [index, known] of curve.k.entries()) {
    if (known > k) break;
    found = curve.energy[index] ?? found;
  }
  return found;
}
