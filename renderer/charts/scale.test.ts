/** Positions and round steps at values worked out by hand. */
import { expect, test } from "vitest";
import { position, stepDown, stepUp, ticks } from "./scale.ts";

test("logarithmic positions are shares of orders of magnitude", () => {
  const domain = { low: 0.01, high: 1, log: true };
  expect(position(0.1, domain)).toBeCloseTo(0.5, 12);
  expect(position(0, domain)).toBe(-Infinity);
  expect(position(10, domain)).toBeCloseTo(1.5, 12);
});

test("a domain of one value puts it in the middle", () => {
  expect(position(3, { low: 3, high: 3, log: false })).toBe(0.5);
});

test.each([
  [0.0031, 0.003, 0.01],
  [0.003, 0.003, 0.003],
  [0.9, 0.3, 1],
  [29.9, 10, 30],
  [30.1, 30, 100],
  [1000, 1000, 1000],
])("steps around %d", (value, down, up) => {
  expect(stepDown(value)).toBe(down);
  expect(stepUp(value)).toBe(up);
});

test("logarithmic ticks are round and few", () => {
  expect(ticks({ low: 0.003, high: 0.3, log: true })).toEqual([0.003, 0.01, 0.03, 0.1, 0.3]);
  expect(ticks({ low: 1, high: 10, log: true })).toEqual([1, 3, 10]);
  expect(ticks({ low: 1e-9, high: 1, log: true }).length).toBeLessThanOrEqual(5);
});

test("linear ticks are round, stay inside, and reach both ends where those are round", () => {
  expect(ticks({ low: 0, high: 1, log: false })).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(ticks({ low: 0, high: 10, log: false })).toEqual([0, 2.5, 5, 7.5, 10]);
  expect(ticks({ low: 4, high: 4, log: false })).toEqual([4]);
});
