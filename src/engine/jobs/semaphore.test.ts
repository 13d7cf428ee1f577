import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { fc } from "../../../test/builders/properties.ts";
import { createSemaphore } from "./semaphore.ts";

test("small requests share, a large one waits for all and is not overtaken", async () => {
  const semaphore = createSemaphore(2);
  const order: string[] = [];
  const use = async (name: string, count: number) => {
    const release = await semaphore.acquire(count);
    order.push(`${name} begins`);
    await setTimeout(5);
    order.push(`${name} ends`);
    release();
  };
  await Promise.all([use("a", 1), use("b", 1), use("large", 2), use("c", 1)]);
  expect(order).toEqual([
    "a begins",
    "b begins",
    "a ends",
    "b ends",
    "large begins",
    "large ends",
    "c begins",
    "c ends",
  ]);
});

test("more tokens than there are means all of them", async () => {
  const semaphore = createSemaphore(2);
  const release = await semaphore.acquire(99);
  const next = semaphore.acquire(1);
  expect(await Promise.race([next, setTimeout(5, "waits")])).toBe("waits");
  release();
  (await next)();
});

test("those who wait begin in their order, which may change meanwhile", async () => {
  const semaphore = createSemaphore(1);
  const places = new Map([
    ["a", 1],
    ["b", 2],
    ["c", 3],
  ]);
  const order: string[] = [];
  const use = async (name: string, turn?: () => number) => {
    const release = await semaphore.acquire(1, undefined, turn);
    order.push(name);
    await setTimeout(1);
    release();
  };
  const first = use("first");
  const waiting = [...places.keys()].map((name) => use(name, () => places.get(name) ?? 0));
  places.set("c", 0);
  await Promise.all([first, ...waiting, use("short")]);
  expect(order).toEqual(["first", "short", "c", "a", "b"]);
});

test("giving back twice gives back once", async () => {
  const semaphore = createSemaphore(1);
  const release = await semaphore.acquire(1);
  release();
  release();
  await semaphore.acquire(1);
  expect(await Promise.race([semaphore.acquire(1), setTimeout(5, "waits")])).toBe("waits");
});

test("who is cancelled while waiting leaves the line, and those behind move up", async () => {
  const semaphore = createSemaphore(2);
  const first = await semaphore.acquire(1);
  const controller = new AbortController();
  const large = semaphore.acquire(2, controller.signal);
  const small = semaphore.acquire(1);
  controller.abort();
  await expect(large).rejects.toMatchObject({ code: "job.cancelled" });
  (await small)();
  first();
  (await semaphore.acquire(2))();
  await expect(semaphore.acquire(1, AbortSignal.abort())).rejects.toMatchObject({ code: "job.cancelled" });
});

test("never more in use than there is, and everyone is served", async () => {
  const requests = fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 2 })), {
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), requests, async (capacity, list) => {
      const semaphore = createSemaphore(capacity);
      let used = 0;
      let served = 0;
      const use = async ([count, turns]: [number, number]) => {
        const release = await semaphore.acquire(count);
        used += Math.min(count, capacity);
        expect(used).toBeLessThanOrEqual(capacity);
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
        used -= Math.min(count, capacity);
        release();
        served += 1;
      };
      await Promise.all(list.map(use));
      expect(served).toBe(list.length);
    }),
  );
});
