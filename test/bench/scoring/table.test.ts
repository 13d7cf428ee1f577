/** The rows about scoring, from invented times. */
import { expect, test } from "vitest";
import type { ScoringMeasured, ScoringRun } from "./measure.ts";
import { scoringRows } from "./table.ts";
import { makeWorkloads, plainTokens } from "./workloads.ts";

const workloads = [
  { name: "a", title: "first", requests: [{ input: [1, 2, 3, 4], targets: [5, 6] }] },
  { name: "b", title: "second", requests: [1, 2].map((target) => ({ input: [7, 8], targets: [target] })) },
];
const run = (seconds: [number, number], peakBytes: number, shift = 0): ScoringRun => ({
  openSeconds: 0.5,
  peakBytes,
  workloads: [
    { name: "a", seconds: seconds[0], loglikelihoods: [-3 + shift] },
    { name: "b", seconds: seconds[1], loglikelihoods: [-1, -2] },
  ],
});
const measured: ScoringMeasured = {
  workloads,
  product: [run([2, 1], 300e6), run([4, 1], 400e6), run([1, 1], 100e6)],
  reference: [run([4, 1], 1e9, 4e-5)],
};

test("medians, sums, shares and differences", () => {
  const rows = scoringRows(measured);
  const found = rows.map(({ work, measured: value, met }) => [work, value, met]);
  expect(found).toEqual([
    ["0.5B: all items", "1.7 × (2 tokens/s against 1 tokens/s)", true],
    ["0.5B: first", "2.0 × (2 tokens/s against 1 tokens/s)", true],
    ["0.5B: second", "1.0 × (2 tokens/s against 2 tokens/s)", false],
    ["0.5B: peak memory beyond mapped files, all processes", "40 % (400 MB against 1000 MB)", true],
    ["0.5B: opening the model for scoring", "0.50 s", true],
    ["0.5B: largest difference of a log-likelihood, per token", "2.0e-5 nats in 3 requests", true],
  ]);
});

test("without a reference nothing is claimed", () => {
  const rows = scoringRows({ ...measured, reference: [] });
  expect(rows.slice(0, 4).map(({ met }) => met)).toEqual([undefined, undefined, undefined, undefined]);
  expect(rows).toHaveLength(5);
});

test("the workloads are what their titles say", () => {
  const [texts, letters, endings] = makeWorkloads(1000);
  if (!texts || !letters || !endings) throw new Error("no workloads");
  expect(texts.requests.map(({ input, targets }) => [input.length, targets.length])).toEqual(Array(8).fill([256, 256]));
  expect(plainTokens(letters)).toBe(16 * 128);
  expect(plainTokens(endings)).toBe(8 * (4 * 60 + 29 + 24 + 27 + 21));
});
