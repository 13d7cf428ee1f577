/** Interval of one share from counts (Wilson 1927): sensible also at 0 and 1, where ± of the standard error is not. */

/** 97.5 % point of the normal distribution. */
const z95 = 1.959963984540054;

/** 95 % interval of a share of `items`; [0, 1] without items. */
export function wilsonInterval(share: number, items: number): [number, number] {
  if (items <= 0) return [0, 1];
  const weight = z95 ** 2 / items;
  const middle = (share + weight / 2) / (1 + weight);
  const half = (z95 / (1 + weight)) * Math.sqrt((share * (1 - share)) / items + weight / (4 * items));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
