import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { fc } from "../../test/builders/properties.ts";
import { filterInTurns, inTurns, mapInTurns, runInTurns, type Steps, sortInTurns, takeTurn } from "./turns.ts";

const pairs = fc.array(fc.tuple(fc.nat(40), fc.nat()), { maxLength: 3000 });
const byFirst = (one: readonly [number, number], other: readonly [number, number]) => one[0] - other[0];

function computeFor(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test("sorting, mapping and filtering are those of arrays, equal items in their order", async () => {
  const property = fc.asyncProperty(pairs, async (items) => {
    expect(await sortInTurns(items, byFirst)).toEqual(items.toSorted(byFirst));
    expect(await mapInTurns(new Set(items), ([first]) => first)).toEqual(items.map(([first]) => first));
    expect(await filterInTurns(items, ([first]) => first > 20)).toEqual(items.filter(([first]) => first > 20));
  });
  await fc.assert(property, { numRuns: 50, seed: 3 });
});

test("every item comes once and in order", async () => {
  const items = Array.from({ length: 1000 }, (_, index) => index);
  const seen: number[] = [];
  for await (const part of inTurns(items)) seen.push(...part);
  expect(seen).toEqual(items);
});

test("long work leaves the event loop its turns, short work does not wait", async () => {
  let turns = 0;
  let isRunning = true;
  const counting = (async () => {
    for (; isRunning; turns++) await setImmediate();
  })();
  await setImmediate();
  await takeTurn();
  const before = turns;
  for (let step = 0; step < 5; step++) {
    computeFor(20);
    await takeTurn();
  }
  expect(turns - before).toBeGreaterThanOrEqual(5);
  isRunning = false;
  await counting;
});

test("two who wait get turns of their own", async () => {
  const order: string[] = [];
  const work = async (name: string) => {
    computeFor(20);
    await takeTurn();
    order.push(name);
    computeFor(20);
  };
  const watching = (async () => {
    for (let turn = 0; turn < 4; turn++) {
      await setImmediate();
      order.push("loop");
    }
  })();
  await Promise.all([work("one"), work("two"), watching]);
  expect(order.indexOf("two") - order.indexOf("one")).toBeGreaterThan(1);
});

test("steps give their result, and their error", async () => {
  function* count(until: number): Steps<number> {
    for (let index = 0; index < until; index++) yield;
    if (until > 5) throw new RangeError("too far");
    return until;
  }
  expect(await runInTurns(count(3))).toBe(3);
  await expect(runInTurns(count(6))).rejects.toThrow("too far");
});
