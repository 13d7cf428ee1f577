/** Draws of a binomial count by its exact distribution function: one random number each, whatever the count. */

export type BinomialDraw = (random: number) => number;

/** @param random of the draw lies in [0, 1) */
export function binomialDraws(trials: number, chance: number): BinomialDraw {
  if (trials === 0 || chance <= 0) return () => 0;
  if (chance >= 1) return () => trials;
  const reached = distribution(trials, chance);
  return (random) => {
    let [low, high] = [0, trials];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((reached[middle] ?? 1) > random) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** P(count ≤ k) for every k, from the mode outwards, where no term underflows before it is negligible. */
function distribution(trials: number, chance: number): Float64Array {
  const terms = new Float64Array(trials + 1);
  const odds = chance / (1 - chance);
  const mode = Math.min(trials, Math.floor((trials + 1) * chance));
  terms[mode] = 1;
  for (let k = mode; k < trials; k += 1) terms[k + 1] = ((terms[k] ?? 0) * odds * (trials - k)) / (k + 1);
  for (let k = mode; k > 0; k -= 1) terms[k - 1] = ((terms[k] ?? 0) * k) / (odds * (trials - k + 1));
  const whole = terms.reduce((sum, term) => sum + term, 0);
  let sum = 0;
  return terms.map((term) => {
    sum += term;
    return sum / whole;
  });
}
