import { expect, test } from "vitest";
import { cumulativeEnergy, energyAt, energyRank } from "./energy.ts";

test("energy of 3, 4: nine and sixteen twenty-fifths", () => {
  expect(cumulativeEnergy([4, 3])).toEqual([0.64, 1]);
  expect(energyRank(cumulativeEnergy([4, 3]), 0.5)).toBe(1);
  expect(energyRank(cumulativeEnergy([4, 3]), 0.9)).toBe(2);
});

test("the first values of a longer spectrum count against the whole", () => {
  const first = cumulativeEnergy([4, 3], 50);
  expect(first).toEqual([0.32, 0.5]);
  expect(energyRank(first, 0.9)).toBeUndefined();
});

test("a zero matrix has no energy", () => {
  expect(cumulativeEnergy([0, 0])).toEqual([]);
});

test("a thinned curve answers with its last known point", () => {
  const curve = { k: [1, 2, 4], energy: [0.5, 0.7, 1] };
  expect([0, 1, 3, 4, 9].map((k) => energyAt(curve, k))).toEqual([0, 0.5, 0.7, 1, 1]);
});
