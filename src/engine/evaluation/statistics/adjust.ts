/** p-values of a family of tests, adjusted for their number; the order of the input is kept. */

/** Holm's step-down adjustment (1979): bounds the chance of any false claim in the family. */
export function holm(pValues: readonly number[]): number[] {
  const adjusted = new Array<number>(pValues.length).fill(1);
  let reached = 0;
  for (const [rank, { place, p }] of rising(pValues).entries()) {
    reached = Math.max(reached, Math.min(1, (pValues.length - rank) * p));
    adjusted[place] = reached;
  }
  return adjusted;
}

/** Benjamini–Hochberg (1995): bounds the expected share of false claims; for lists to look at, not for claims. */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const adjusted = new Array<number>(pValues.length).fill(1);
  let reached = 1;
  for (const [rank, { place, p }] of [...rising(pValues).entries()].reverse()) {
    reached = Math.min(reached, (pValues.length / (rank + 1)) * p);
    adjusted[place] = reached;
  }
  return adjusted;
}

function rising(pValues: readonly number[]): { place: number; p: number }[] {
  return pValues.map((p, place) => ({ place, p })).sort((one, other) => one.p - other.p);
}
