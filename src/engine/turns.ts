/**
 * Long loops in turns: a checkpoint may have a hundred thousand tensors, and while one of them is looked at nobody is
 * answered. Whoever walks a table of that size gives the event loop its turn every few milliseconds.
 */
import { setImmediate } from "node:timers/promises";

/** Longest work between two turns: well under the 50 ms after which a person notices. */
const TURN_MILLISECONDS = 15;
/** Items between two looks at the clock. */
const PART_ITEMS = 256;
/** Items merged between two looks at the clock. */
const MERGED_ITEMS = 1024;

let turnStarted = performance.now();
let lastInLine: Promise<void> = Promise.resolve();

/** Resolves at once while this turn is young, otherwise in the next one; those who wait get a turn each. */
export async function takeTurn(): Promise<void> {
  if (performance.now() - turnStarted < TURN_MILLISECONDS) return;
  lastInLine = lastInLine.then(() => setImmediate());
  await lastInLine;
  turnStarted = performance.now();
}

/** A long computation that may be left for a turn wherever it yields. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

export async function runInTurns<Result>(steps: Steps<Result>): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await takeTurn();
  }
}

/** The items in parts of some hundred, with a turn between parts where it is time for one. */
export async function* inTurns<Item>(items: Iterable<Item>): AsyncGenerator<readonly Item[], void> {
  let part: Item[] = [];
  for (const item of items) {
    if (part.push(item) < PART_ITEMS) continue;
    await takeTurn();
    yield part;
    part = [];
  }
  await takeTurn();
  if (part.length > 0) yield part;
}

/** `items.map` in turns. */
export async function mapInTurns<Item, Result>(
  items: Iterable<Item>,
  change: (item: Item) => Result,
): Promise<Result[]> {
  const results: Result[] = [];
  for await (const part of inTurns(items)) for (const item of part) results.push(change(item));
  return results;
}

/** `items.filter` in turns. */
export async function filterInTurns<Item>(items: Iterable<Item>, isKept: (item: Item) => boolean): Promise<Item[]> {
  const kept: Item[] = [];
  for await (const part of inTurns(items)) kept.push(...part.filter(isKept));
  return kept;
}

/** `items.toSorted(compare)` in turns: equal items keep their order. */
export async function sortInTurns<Item>(
  items: Iterable<Item>,
  compare: (one: Item, other: Item) => number,
): Promise<Item[]> {
  let runs: Item[][] = [];
  for await (const part of inTurns(items)) runs.push(part.toSorted(compare));
  while (runs.length > 1) {
    const merged: Item[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      merged.push(await merge(runs[index] ?? [], runs[index + 1] ?? [], compare));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge<Item>(
  first: readonly Item[],
  second: readonly Item[],
  compare: (one: Item, other: Item) => number,
): Promise<Item[]> {
  const merged: Item[] = [];
  let [at, other] = [0, 0];
  while (at < first.length && other < second.length) {
    if (merged.length % MERGED_ITEMS === 0) await takeTurn();
    const [one, two] = [first[at] as Item, second[other] as Item];
    const isFirst = compare(one, two) <= 0;
    merged.push(isFirst ? one : two);
    if (isFirst) at++;
    else other++;
  }
  for await (const part of inTurns(first.slice(at))) merged.push(...part);
  for await (const part of inTurns(second.slice(other))) merged.push(...part);
  return merged;
}
