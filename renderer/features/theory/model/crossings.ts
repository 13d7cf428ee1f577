/** Where LoRA and full fine-tuning have the same risk, on curves that were drawn anyway. */

export interface Crossing {
  rank: number;
  x: number;
  y: number;
}

const rounding = 1e-9;

type Value = number | null | undefined;

/** Sign changes of ln(LoRA / FFT) between neighbours, linear in ln x or x; never across a break. */
export function crossingsOf(
  rank: number,
  x: readonly number[],
  lora: readonly Value[],
  full: readonly Value[],
  logarithmic: boolean,
): Crossing[] {
  const found: Crossing[] = [];
  let before: { at: number; ratio: number; risk: number } | undefined;
  for (const [index, place] of x.entries()) {
    const [one, other] = [lora[index], full[index]];
    if (!isPositive(one) || !isPositive(other) || (logarithmic && place <= 0)) {
      before = undefined;
      continue;
    }
    // Without noise ranks from the true one on are full fine-tuning: rounding crosses nothing.
    if (Math.abs(one / other - 1) < rounding) continue;
    const here = { at: logarithmic ? Math.log(place) : place, ratio: Math.log(one / other), risk: other };
    if (before && Math.sign(before.ratio) !== Math.sign(here.ratio) && before.ratio !== 0) {
      const share = before.ratio / (before.ratio - here.ratio);
      const at = before.at + share * (here.at - before.at);
      const y = Math.exp(Math.log(before.risk) + share * Math.log(here.risk / before.risk));
      found.push({ rank, x: logarithmic ? Math.exp(at) : at, y });
    }
    before = here;
  }
  return found;
}

function isPositive(value: Value): value is number {
  return value !== null && value !== undefined && Number.isFinite(value) && value > 0;
}
