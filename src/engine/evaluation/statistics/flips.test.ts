import { expect, test } from "vitest";
import type { ChoiceResult } from "../../../contract/domain/evaluation.ts";
import { countFlips, goldChange, isNearTie, pairAnswers } from "./flips.ts";
import { halfOf } from "./halves.ts";

function answer(index: number, loglikelihoods: number[], gold: number | number[] = 0, norm?: number): ChoiceResult {
  const prediction = loglikelihoods.indexOf(Math.max(...loglikelihoods));
  return { index, loglikelihoods, prediction, predictionNorm: norm ?? prediction, predictionBytes: prediction, gold };
}

const base = [
  answer(0, [-1, -2]),
  answer(1, [-1, -2]),
  answer(2, [-3, -2]),
  answer(3, [-3, -2]),
  answer(4, [-3, -2], [0, 1]),
  answer(9, [-1, -2]),
];
const tuned = [
  answer(4, [-1, -2], [0, 1]),
  answer(3, [-3, -2.5]),
  answer(2, [-1, -2]),
  answer(1, [-2.5, -2], 0, 0),
  answer(0, [-1, -2]),
  answer(7, [-1, -2]),
];

test("items are paired by their place; only those answered on both sides count", () => {
  const pairs = pairAnswers(base, tuned);
  expect(pairs.map(({ base: one, tuned: other }) => [one.index, other.index])).toEqual(
    [0, 1, 2, 3, 4].map((i) => [i, i]),
  );
  const flips = countFlips(pairs, "acc");
  expect(flips.both).toBe(2);
  expect(flips.neither).toBe(1);
  expect(flips.lost.map((pair) => pair.base.index)).toEqual([1]);
  expect(flips.gained.map((pair) => pair.base.index)).toEqual([2]);
});

test("another metric asks another prediction", () => {
  expect(countFlips(pairAnswers(base, tuned), "acc_norm").lost).toEqual([]);
});

test("the right choice's change is that of the likeliest of several", () => {
  const [, , , , several] = pairAnswers(base, tuned);
  expect(several && goldChange(several)).toBeCloseTo(1, 12);
});

test("a near tie is close in both models", () => {
  const close = { base: answer(0, [-1, -1.0005]), tuned: answer(0, [-1.0005, -1]) };
  expect(isNearTie(close, "acc")).toBe(true);
  expect(isNearTie({ ...close, tuned: answer(0, [-1.1, -1]) }, "acc")).toBe(false);
  // Per character the same nats weigh less.
  const normed = { base: answer(0, [-1, -1.005]), tuned: answer(0, [-1.005, -1]) };
  expect(isNearTie(normed, "acc")).toBe(false);
  expect(isNearTie(normed, "acc_norm", [10, 10])).toBe(true);
});

test("halves: about even, stable, groups stay whole", () => {
  const halves = Array.from({ length: 1000 }, (_, index) => halfOf("facts", { index, group: undefined }));
  const choosing = halves.filter((half) => half === "choosing").length;
  expect(choosing).toBeGreaterThan(440);
  expect(choosing).toBeLessThan(560);
  expect(halfOf("facts", { index: 3, group: undefined })).toBe(halves[3]);
  expect(new Set([1, 2, 3, 4, 5, 6].map((index) => halfOf("facts", { index, group: "passage" }))).size).toBe(1);
});
