/** Paired percentile bootstrap (Efron 1979): units are drawn with replacement, both models always together. */
import { takeTurn } from "../../turns.ts";
import { type BinomialDraw, binomialDraws } from "./binomial.ts";
import { randomNumbers } from "./random.ts";

export const bootstrapDraws = 10_000;
/** Recorded in every document, so that an interval can be made again. */
export const bootstrapSeed = 1;
/** Fewer documents than this say nothing about the spread between documents. */
export const fewestDocuments = 20;

const level = 0.95;
/** Units drawn between two looks at the clock: a few milliseconds, on a slow processor too. */
const unitsPerLook = 300_000;

/**
 * What is drawn: one unit is an item, a whole group of items, or a document. The statistic of a draw is
 * Σ change / Σ weight: accuracy has changes −1, 0, 1 with weight 1; bits per byte have bits with bytes as weight.
 */
export interface Units {
  change: Float64Array;
  weight: Float64Array;
}

export interface Interval {
  low: number;
  high: number;
}

/** Sums of the drawn units over the whole sample. */
export function estimate({ change, weight }: Units): number {
  return sumOf(change) / sumOf(weight);
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/**
 * The 95 % interval; gives the event loop a turn every few milliseconds.
 * @throws the signal's reason when it aborts
 */
export async function pairedInterval(
  units: Units,
  options: { draws?: number; seed?: number; signal?: AbortSignal | undefined } = {},
): Promise<Interval | undefined> {
  const { draws = bootstrapDraws, seed = bootstrapSeed, signal } = options;
  const count = units.change.length;
  if (count === 0) return undefined;
  const random = randomNumbers(seed);
  const values = new Float64Array(draws);
  const flips = flipsAlone(units);
  const drawsPerLook = Math.max(1, Math.floor(unitsPerLook / (flips ? 1 : count)));
  for (let from = 0; from < draws; from += drawsPerLook) {
    if (from > 0) await takeTurn();
    signal?.throwIfAborted();
    const part = values.subarray(from, from + drawsPerLook);
    if (flips) fillFlips(part, flips, random);
    else fillDraws(part, units, random);
  }
  values.sort();
  return { low: quantile(values, (1 - level) / 2), high: quantile(values, (1 + level) / 2) };
}

interface FlipCounts {
  items: number;
  lost: number;
  gained: number;
}

/** Items of weight 1 that are lost, gained or unchanged: then the counts say all. */
export function flipsAlone({ change, weight }: Units): FlipCounts | undefined {
  const counts: FlipCounts = { items: change.length, lost: 0, gained: 0 };
  for (let unit = 0; unit < change.length; unit += 1) {
    if (weight[unit] !== 1) return undefined;
    if (change[unit] === -1) counts.lost += 1;
    else if (change[unit] === 1) counts.gained += 1;
    else if (change[unit] !== 0) return undefined;
  }
  return counts;
}

/** How often flips are drawn, then how many of these are lost ones: the same as drawing item by item, much faster. */
function fillFlips(values: Float64Array, { items, lost, gained }: FlipCounts, random: () => number): void {
  const flipped = binomialDraws(items, (lost + gained) / items);
  const losses = new Map<number, BinomialDraw>();
  for (let draw = 0; draw < values.length; draw += 1) {
    const drawn = flipped(random());
    const lose = losses.get(drawn) ?? binomialDraws(drawn, lost / (lost + gained));
    losses.set(drawn, lose);
    values[draw] = (drawn - 2 * lose(random())) / items;
  }
}

function fillDraws(values: Float64Array, { change, weight }: Units, random: () => number): void {
  const count = change.length;
  for (let draw = 0; draw < values.length; draw += 1) {
    let changed = 0;
    let weighed = 0;
    for (let place = 0; place < count; place += 1) {
      const unit = (random() * count) | 0;
      changed += change[unit] ?? 0;
      weighed += weight[unit] ?? 0;
    }
    values[draw] = changed / weighed;
  }
}

/** Quantile of sorted values, linear between neighbours (numpy's default). */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[below + 1] ?? low;
  return low + (place - below) * (high - low);
}
