/** The figures of the benchmark table, worked out by hand from invented times. */
import { expect, test } from "vitest";
import type { BenchCase } from "./checkpoints.ts";
import {
  disagreements,
  extraRunShares,
  leastOperations,
  median,
  peakBytes,
  perLayer,
  ratios,
  referencePerLayer,
} from "./derive.ts";
import type { Measured, Round } from "./measure.ts";
import type { Answer } from "./product.ts";

const subject: BenchCase = {
  title: "3B",
  layers: 4,
  wholeLayers: 10,
  referenceLayers: 1,
  base: "base",
  adapters: ["a", "b", "c"],
  full: "full",
  shapes: [
    [2, 3],
    [4, 2],
  ],
};

const answer = (seconds: number, peak = 1e6, intruders: boolean[] = []): Answer =>
  ({
    seconds,
    peakBytes: peak,
    document: {
      seconds: seconds - 1,
      runs: [{ modules: [{ name: "m", vectors: intruders.map((intruder) => ({ intruder })) }] }],
    },
  }) as unknown as Answer;

const round = (adapter: number, full: number, changes: Partial<Round> = {}): Round => ({
  adapter: answer(adapter, 1e6, [true, false, true]),
  full: answer(full, 7e6),
  halfAdapter: answer(3),
  halfFull: answer(4),
  two: answer(6, 2e6),
  three: answer(8, 9e6),
  ...changes,
});

const measured: Measured = {
  subject,
  rounds: [round(9, 8), round(5, 8), round(4, 20)],
  halfLayers: 2,
  repeatSeconds: 0.5,
  cancelSeconds: [0.1],
  blockedMilliseconds: 3,
  reference: [
    {
      torch: "2",
      seconds: { read: 1, base: 10, adapter: 9, full: 29 },
      modules: [{ name: "m", adapter: [0.1, 0.9, 0.9], full: [0.5002, 0.4, 0.9] }],
    },
  ],
};

test("median", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});

test("the reference counts reading, the base's SVD and its own part", () => {
  expect(referencePerLayer(measured, "adapter")).toBe(20);
  expect(referencePerLayer(measured, "full")).toBe(40);
  expect(referencePerLayer({ ...measured, reference: [] }, "full")).toBeUndefined();
});

test("one more layer costs what the second half of them cost, and the rest is extrapolated with it", () => {
  expect(perLayer(measured, "adapter")).toEqual({ layer: 1, whole: 11 });
  expect(perLayer({ ...measured, halfLayers: 0 }, "adapter")).toBeUndefined();
});

test("ratios on the measured layers and for the whole model", () => {
  expect(ratios(measured, "adapter")).toEqual({ measured: (4 * 20) / 5, whole: 200 / 11 });
  expect(ratios(measured, "full")?.measured).toBe((4 * 40) / 8);
});

test("extra runs are compared by the job's own clock", () => {
  // First: 5 − 1 = 4 s; two: 5 s; three: 7 s.
  expect(extraRunShares(measured)).toEqual({ second: 0.25, third: 0.5 });
});

test("the peak is that of the worst command, or unknown", () => {
  expect(peakBytes(measured)).toBe(9e6);
  const blind = round(1, 1, { two: { ...answer(1), peakBytes: undefined } });
  expect(peakBytes({ ...measured, rounds: [...measured.rounds, blind] })).toBeUndefined();
});

test("least operations: p²q for each Gram matrix, 4/3·p³ for the eigenvalues", () => {
  expect(leastOperations(subject, "adapter")).toBe(4 * (12 + 16));
  expect(leastOperations(subject, "full")).toBeCloseTo(4 * (3 * 28 + (4 / 3) * 16), 9);
});

test("decisions are compared where the cosine is clear of the threshold", () => {
  expect(disagreements(measured, "adapter")).toEqual({ compared: 3, different: 1 });
  // The product's full answer holds no vectors, so both clear ones count as different; .5002 is too close to judge.
  expect(disagreements(measured, "full")).toEqual({ compared: 2, different: 2 });
});
