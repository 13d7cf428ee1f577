import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { assignThreads, onceSettled, runWeighted } from "./schedule.ts";

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

describe("onceSettled", () => {
  async function* numbers(count: number, pulled: number[] = []) {
    for (let item = 0; item < count; item += 1) {
      await wait(1);
      pulled.push(item);
      yield item;
    }
  }

  test("an item is told once its settling has ended, in the order of the source", async () => {
    const settled: number[] = [];
    const told: number[] = [];
    const settle = async (item: number) => {
      await wait(10 - 3 * item);
      settled.push(item);
    };
    for await (const item of onceSettled(numbers(4), settle)) {
      expect(settled).toContain(item);
      told.push(item);
    }
    expect(told).toEqual([0, 1, 2, 3]);
  });

  test("the source goes on while an item settles", async () => {
    const pulled: number[] = [];
    const first = Promise.withResolvers<void>();
    const told = onceSettled(numbers(3, pulled), (item) => (item === 0 ? first.promise : Promise.resolve()));
    const begun = told.next();
    await expect.poll(() => pulled).toEqual([0, 1, 2]);
    first.resolve();
    expect((await begun).value).toBe(0);
    expect((await told.next()).value).toBe(1);
  });

  test("what could not be settled is not told; a failing source fails", async () => {
    const told: number[] = [];
    const settle = (item: number) => (item === 1 ? Promise.reject(new Error("disk full")) : Promise.resolve());
    for await (const item of onceSettled(numbers(3), settle)) told.push(item);
    expect(told).toEqual([0, 2]);
    async function* broken() {
      yield* numbers(1);
      throw new Error("broken");
    }
    const all = async () => {
      for await (const _ of onceSettled(broken(), () => Promise.resolve()));
    };
    await expect(all()).rejects.toThrow("broken");
  });

  test("who stops listening stops the source", async () => {
    const pulled: number[] = [];
    for await (const _ of onceSettled(numbers(1000, pulled), () => Promise.resolve())) break;
    await wait(20);
    expect(pulled.length).toBeLessThan(5);
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
