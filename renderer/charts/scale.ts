/** Axes and colour domains: positions of values, and round steps. Pure. */

export interface Domain {
  low: number;
  high: number;
  log: boolean;
}

/** Place of a value in its domain: 0 at the low end, 1 at the high end, beyond for values outside. */
export function position(value: number, { low, high, log }: Domain): number {
  if (high <= low) return 0.5;
  if (!log) return (value - low) / (high - low);
  if (value <= 0) return -Infinity;
  return (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low));
}

const roundSteps = [1, 3, 10];

/** The largest of …, 0.3, 1, 3, 10, … that is not above a positive value. */
export function stepDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const step = roundSteps.filter((candidate) => candidate * power <= value * (1 + 1e-9)).at(-1) ?? 1;
  return clean(step * power);
}

/** The smallest of …, 0.3, 1, 3, 10, … that is not below a positive value. */
export function stepUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const step = roundSteps.find((candidate) => candidate * power >= value * (1 - 1e-9)) ?? 10;
  return clean(step * power);
}

function clean(value: number): number {
  return Number(value.toPrecision(3));
}

/** Three to six round ticks within a domain. */
export function ticks(domain: Domain, most = 5): number[] {
  return domain.log ? logTicks(domain, most) : linearTicks(domain, most);
}

function logTicks({ low, high }: Domain, most: number): number[] {
  const [thirds, fifths, tens] = [[1, 3], [1, 2, 5], [1]].map((factors) => decades(low, high, factors));
  const few = (found: readonly number[] | undefined, least: number) =>
    found && found.length >= least && found.length <= most;
  if (thirds && few(thirds, 3)) return thirds;
  if (fifths && few(fifths, 2)) return fifths;
  if (tens && few(tens, 2)) return tens;
  const found = decades(low, high, [1]);
  const stride = Math.ceil(found.length / most);
  const thinned = found.filter((_, index) => index % stride === 0);
  return thinned.length >= 2 ? thinned : [low, high];
}

function decades(low: number, high: number, factors: readonly number[]): number[] {
  const first = Math.floor(Math.log10(low) - 1e-9);
  const last = Math.ceil(Math.log10(high) + 1e-9);
  const found: number[] = [];
  for (let exponent = first; exponent <= last; exponent += 1) {
    for (const factor of factors) {
      const value = clean(factor * 10 ** exponent);
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) found.push(value);
    }
  }
  return found;
}

function linearTicks({ low, high }: Domain, most: number): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const raw = span / (most - 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw * (1 - 1e-9));
  const stride = step ?? 10 * power;
  const found: number[] = [];
  for (let index = Math.ceil(low / stride - 1e-9); index * stride <= high + stride * 1e-9; index += 1) {
    found.push(Number((index * stride).toPrecision(12)));
  }
  return found;
}
