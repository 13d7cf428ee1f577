/** Spearman's rank correlation with ties, its permutation p, and the partial one. */
import { randomNumbers } from "./random.ts";

/** 9! = 362,880 orders are all tried, in a few milliseconds; more runs than that are sampled. */
const mostExact = 9;
const sampledOrders = 10_000;
const sampleSeed = 1;
/** Below three pairs a rank correlation is always ±1. */
const fewestPairs = 3;
/** Sums of the same numbers in another order differ by rounding only. */
const tolerance = 1e-9;

/** ρ of the average ranks; undefined below three pairs or when one side does not vary. */
export function spearman(x: readonly number[], y: readonly number[]): number | undefined {
  if (x.length < fewestPairs || x.length !== y.length) return undefined;
  return pearson(averageRanks(x), averageRanks(y));
}

/**
 * Two-sided p of ρ under all orders of y (up to nine pairs, exact), or under 10,000 seeded ones,
 * (hits + 1) / (draws + 1).
 */
export function spearmanP(x: readonly number[], y: readonly number[]): number | undefined {
  const rho = spearman(x, y);
  if (rho === undefined) return undefined;
  const first = centred(averageRanks(x));
  const second = centred(averageRanks(y));
  const limit = Math.abs(product(first, second)) - tolerance;
  const counted = x.length <= mostExact ? allOrders(first, second, limit) : someOrders(first, second, limit);
  return counted.hits / counted.orders;
}

/**
 * Spearman of x and y with z held fixed: (ρxy − ρxz·ρyz) / √((1 − ρxz²)(1 − ρyz²)).
 * Undefined below four triples or when z determines one of them.
 */
export function partialSpearman(x: readonly number[], y: readonly number[], z: readonly number[]): number | undefined {
  const [xy, xz, yz] = [spearman(x, y), spearman(x, z), spearman(y, z)];
  if (xy === undefined || xz === undefined || yz === undefined || x.length <= fewestPairs) return undefined;
  const rest = (1 - xz ** 2) * (1 - yz ** 2);
  return rest < tolerance ? undefined : (xy - xz * yz) / Math.sqrt(rest);
}

/** Ranks from 1; equal values share the mean of their ranks. */
export function averageRanks(values: readonly number[]): number[] {
  const order = values.map((value, place) => ({ value, place })).sort((one, other) => one.value - other.value);
  const ranks = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && order[to]?.value === order[from]?.value) to += 1;
    for (const { place } of order.slice(from, to)) ranks[place] = (from + to + 1) / 2;
    from = to;
  }
  return ranks;
}

function pearson(x: readonly number[], y: readonly number[]): number | undefined {
  const first = centred(x);
  const second = centred(y);
  const size = Math.sqrt(product(first, first) * product(second, second));
  return size === 0 ? undefined : Math.max(-1, Math.min(1, product(first, second) / size));
}

function centred(values: readonly number[]): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Float64Array.from(values, (value) => value - mean);
}

function product(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let place = 0; place < x.length; place += 1) sum += (x[place] ?? 0) * (y[place] ?? 0);
  return sum;
}

interface Counted {
  hits: number;
  orders: number;
}

/** Heap's algorithm: every order of `y` by one swap each. */
function allOrders(x: Float64Array, y: Float64Array, limit: number): Counted {
  const order = Float64Array.from(y);
  const counters = new Uint8Array(order.length);
  const counted: Counted = { hits: Number(Math.abs(product(x, order)) >= limit), orders: 1 };
  for (let level = 1; level < order.length; ) {
    const turns = counters[level] ?? 0;
    if (turns >= level) {
      counters[level] = 0;
      level += 1;
      continue;
    }
    swap(order, level % 2 === 0 ? 0 : turns, level);
    counters[level] = turns + 1;
    level = 1;
    counted.orders += 1;
    if (Math.abs(product(x, order)) >= limit) counted.hits += 1;
  }
  return counted;
}

function someOrders(x: Float64Array, y: Float64Array, limit: number): Counted {
  const order = Float64Array.from(y);
  const random = randomNumbers(sampleSeed);
  const counted: Counted = { hits: 1, orders: sampledOrders + 1 };
  for (let draw = 0; draw < sampledOrders; draw += 1) {
    for (let last = order.length - 1; last > 0; last -= 1) swap(order, Math.floor(random() * (last + 1)), last);
    if (Math.abs(product(x, order)) >= limit) counted.hits += 1;
  }
  return counted;
}

function swap(values: Float64Array, one: number, other: number): void {
  const kept = values[one] ?? 0;
  values[one] = values[other] ?? 0;
  values[other] = kept;
}
