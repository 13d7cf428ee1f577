import { expect, test } from "vitest";
import { fc } from "../../../test/builders/properties.ts";
import { progress } from "../../contract/progress.ts";
import { ProgressMeter } from "./progress.ts";

/** A meter over modules whose clock the test moves. */
function makeMeter(total: number, cost: number) {
  let time = 1000;
  const meter = new ProgressMeter({ phase: "analyze", unit: "modules", total, cost }, () => time);
  const after = (seconds: number, cost: number, item?: string) => {
    time += seconds;
    return meter.advance(1, cost, item);
  };
  return { meter, after };
}

test("at most ten events a second, and always the last one", () => {
  const { after } = makeMeter(1000, 1000);
  const events = Array.from({ length: 1000 }, () => after(0.003, 1)).filter((event) => event !== undefined);
  expect(events.length).toBeGreaterThan(20);
  expect(events.length).toBeLessThanOrEqual(32); // 3 s
  expect(events.at(-1)).toMatchObject({ done: 1000, total: 1000, remainingSeconds: 0 });
});

test("events follow the contract and name phase, unit and item", () => {
  const { after } = makeMeter(2, 2);
  const event = after(0.25, 1, "layers.0.q_proj");
  expect(progress.parse(event)).toEqual({
    ...{ phase: "analyze", done: 1, total: 2, unit: "modules", item: "layers.0.q_proj" },
    ...{ elapsedSeconds: 0.25, remainingSeconds: undefined },
  });
});

test("no remaining time before there is a rate to trust", () => {
  const { after } = makeMeter(10, 10);
  expect(after(0.2, 1)?.remainingSeconds).toBeUndefined();
  expect(after(0.2, 1)?.remainingSeconds).toBeUndefined();
  expect(after(0.2, 1)?.remainingSeconds).toBeCloseTo(1.4, 10);
});

test("remaining time follows the cost that is left, not the number of modules", () => {
  const { after } = makeMeter(5, 104);
  for (let index = 0; index < 3; index += 1) after(1, 1);
  expect(after(1, 1)?.remainingSeconds).toBeCloseTo(100, 10);
});

test("after a change of speed the estimate follows", () => {
  const { after } = makeMeter(1000, 1000);
  for (let index = 0; index < 100; index += 1) after(0.2, 1);
  for (let index = 0; index < 100; index += 1) after(1, 1);
  const remaining = after(1, 1)?.remainingSeconds ?? 0;
  expect(remaining).toBeGreaterThan(0.95 * 799);
  expect(remaining).toBeLessThan(799);
});

test("work without cost gives no estimate instead of a division by zero", () => {
  const { after } = makeMeter(10, 0);
  const events = Array.from({ length: 9 }, () => after(1, 0));
  expect(events.map((event) => event?.remainingSeconds)).toEqual(Array(9).fill(undefined));
  expect(after(1, 0)?.remainingSeconds).toBe(0);
});

test("whatever the steps, remaining is undefined or a finite time that is not negative, and done only grows", () => {
  const steps = fc.array(fc.tuple(fc.double({ min: 0, max: 100, noNaN: true }), fc.nat({ max: 1000 })), {
    minLength: 1,
  });
  fc.assert(
    fc.property(steps, fc.nat({ max: 5000 }), (list, cost) => {
      const { after } = makeMeter(list.length, cost);
      const events = list.map(([seconds, weight]) => after(seconds, weight)).filter((event) => event !== undefined);
      for (const { remainingSeconds } of events) {
        if (remainingSeconds === undefined) continue;
        expect(Number.isFinite(remainingSeconds)).toBe(true);
        expect(remainingSeconds).toBeGreaterThanOrEqual(0);
      }
      const done = events.map((event) => event.done);
      expect(done).toEqual([...done].sort((a, b) => a - b));
    }),
  );
});
