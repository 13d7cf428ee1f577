import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { assignThreads, runWeighted } from "./schedule.ts";

interface Trace {
  active: number;
  most: number;
}

/** Work that records how many threads were in use at the same time. */
function tracked(trace: Trace) {
  return async (item: number, threads: number) => {
    trace.active += threads;
    trace.most = Math.max(trace.most, trace.active);
    await wait(1 + (item % 3));
    trace.active -= threads;
    return item * 2;
  };
}

describe("runWeighted", () => {
  test("answers every item once and never uses more threads than given", async () => {
    const items = Array.from({ length: 40 }, (_, item) => ({ item, threads: item % 7 === 0 ? 3 : 1 }));
    const trace = { active: 0, most: 0 };
    const seen: number[] = [];
    for await (const { item, result } of runWeighted(items, 3, tracked(trace))) {
      expect(result).toBe(item * 2);
      seen.push(item);
    }
    expect(seen.sort((a, b) => a - b)).toEqual(items.map(({ item }) => item));
    expect(trace.most).toBe(3);
  });

  test("starts an item wider than the capacity alone instead of waiting for ever", async () => {
    const trace = { active: 0, most: 0 };
    const seen: number[] = [];
    for await (const { item } of runWeighted([{ item: 1, threads: 5 }], 2, tracked(trace))) seen.push(item);
    expect(seen).toEqual([1]);
  });

  test("starts nothing more after the signal, and still yields what was under way", async () => {
    const controller = new AbortController();
    const items = Array.from({ length: 10 }, (_, item) => ({ item, threads: 1 }));
    const seen: number[] = [];
    for await (const { item } of runWeighted(items, 2, tracked({ active: 0, most: 0 }), controller.signal)) {
      seen.push(item);
      controller.abort();
    }
    expect(seen.length).toBeGreaterThanOrEqual(1);
    expect(seen.length).toBeLessThanOrEqual(4);
  });
});

describe("assignThreads", () => {
  const unit = (flops: number, memoryBytes = 1) => ({ cost: { flops, memoryBytes } });

  test("gives all threads to a unit that outweighs an even share of the work", () => {
    const assigned = assignThreads([unit(100), unit(10), unit(10)], 2, 1e9);
    expect(assigned.map(({ threads }) => threads)).toEqual([2, 1, 1]);
  });

  test("runs units one at a time when two do not fit the memory", () => {
    const units = [unit(10, 600), unit(10, 600), unit(10, 10)];
    expect(assignThreads(units, 2, 1000).map(({ threads }) => threads)).toEqual([2, 2, 1]);
  });
});
