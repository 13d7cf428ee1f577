/** Axes: from values to pixels, with ticks at 1-3-10 steps on log scales. */

export interface Scale {
  (value: number): number;
  domain: [number, number];
}

/** @param domain positive, from below to above */
export function logScale(domain: [number, number], range: [number, number]): Scale {
  const [low, high] = domain.map(Math.log10) as [number, number];
  const span = high - low || 1;
  const place = (value: number): number => range[0] + ((Math.log10(value) - low) / span) * (range[1] - range[0]);
  return Object.assign(place, { domain });
}

export function linearScale(domain: [number, number], range: [number, number]): Scale {
  const span = domain[1] - domain[0] || 1;
  const place = (value: number): number => range[0] + ((value - domain[0]) / span) * (range[1] - range[0]);
  return Object.assign(place, { domain });
}

/** The 1-3-10 steps that enclose two positive numbers. */
export function enclosingSteps(low: number, high: number): [number, number] {
  return [stepBelow(low), stepAbove(high)];
}

function stepBelow(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  return value >= power * 3 * (1 - 1e-9) ? power * 3 : power;
}

function stepAbove(value: number): number {
  const below = stepBelow(value);
  if (below >= value * (1 - 1e-9)) return below;
  return nextStep(below);
}

function nextStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step) + 1e-9);
  return step >= power * 3 * (1 - 1e-9) ? power * 10 : power * 3;
}

/** Whole decades inside a domain, thinned to at most `most`. */
export function decadeTicks([low, high]: [number, number], most: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const step = Math.max(1, Math.ceil((last - first + 1) / most));
  const ticks: number[] = [];
  for (let exponent = first; exponent <= last; exponent += step) ticks.push(10 ** exponent);
  return ticks;
}

/** 1, 4, 16, … up to `last`: indices of singular values. */
export function indexTicks(last: number): number[] {
  const ticks: number[] = [];
  for (let tick = 1; tick <= last; tick *= 4) ticks.push(tick);
  return ticks;
}

/** At most `most` indices 0 … length − 1, dense at the start: what a log axis can show. */
export function logSpacedIndices(length: number, most: number): number[] {
  if (length <= most) return Array.from({ length }, (_, index) => index);
  const chosen = new Set<number>();
  for (let step = 0; step < most; step += 1) chosen.add(Math.round(length ** (step / (most - 1))) - 1);
  return [...chosen];
}

/** Pixels with one decimal: enough for any screen, and a third of the bytes. */
export function pixel(value: number): string {
  return String(Math.round(value * 10) / 10);
}
