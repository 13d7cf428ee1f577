/** Exact McNemar test of items lost against items gained (McNemar 1947; the binomial form). */

/**
 * Two-sided p: min(1, 2·P(Bin(lost + gained, ½) ≤ min(lost, gained))); 1 when nothing flipped.
 * @param lost items that only the base had right
 * @param gained items that only the tuned model has right
 */
export function mcnemarExact(lost: number, gained: number): number {
  const flips = lost + gained;
  const fewer = Math.min(lost, gained);
  return Math.min(1, 2 * Math.exp(logBinomial(flips, fewer) - flips * Math.LN2) * sumBelow(flips, fewer));
}

/** ln C(n, k), term by term: nothing overflows. */
function logBinomial(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i += 1) sum += Math.log((n - i + 1) / i);
  return sum;
}

/** Σ_{i ≤ k} C(n, i) / C(n, k), from the largest term down. */
function sumBelow(n: number, k: number): number {
  let term = 1;
  let sum = 1;
  for (let i = k; i > 0 && term > Number.EPSILON * sum; i -= 1) {
    term *= i / (n - i + 1);
    sum += term;
  }
  return sum;
}
