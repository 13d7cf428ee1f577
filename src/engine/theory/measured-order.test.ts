import { describe, expect, test } from "vitest";
import { wilsonInterval } from "../evaluation/statistics/wilson.ts";
import { type MeasuredRank, measuredOrderOf } from "./measured-order.ts";

function runOf(r: number | undefined, accuracy: number, items = 200, label = `r${r}`): MeasuredRank {
  return { label, analysis: label, r, accuracy, ci95: wilsonInterval(accuracy, items), items };
}

/** Predicted: rank 4 best, then 16, 1, full. */
const risks = new Map<number | undefined, number>([
  [4, 1],
  [16, 2],
  [1, 3],
  [undefined, 4],
]);
const orderOf = (runs: MeasuredRank[]) =>
  measuredOrderOf({ base: "/b", task: "compare", runs }, (rank) => risks.get(rank) ?? Number.NaN);

describe("measured order beside the predicted one", () => {
  test("the same order, clearly apart, agrees", () => {
    const order = orderOf([runOf(1, 0.5), runOf(4, 0.95), runOf(16, 0.75), runOf(undefined, 0.2)]);
    expect(order.rows.map(({ r, predictedOrder, measuredOrder }) => [r, predictedOrder, measuredOrder])).toEqual([
      [4, 1, 1],
      [16, 2, 2],
      [1, 3, 3],
      [null, 4, 4],
    ]);
    expect(order).toMatchObject({ spearman: 1, clearPairs: 6, agreeingPairs: 6, verdict: "agree" });
    // Two of 4! orders are as far from none.
    expect(order.pValue).toBeCloseTo(2 / 24, 12);
  });

  test("the opposite disagrees in as many words", () => {
    const order = orderOf([runOf(1, 0.75), runOf(4, 0.2), runOf(16, 0.5), runOf(undefined, 0.95)]);
    expect(order).toMatchObject({ spearman: -1, agreeingPairs: 0, verdict: "disagree" });
    expect(order.sentence).toMatch(/^The measured order disagrees with the prediction: rank correlation −1/);
  });

  test("accuracies within their intervals settle nothing, whatever their order", () => {
    const order = orderOf([runOf(1, 0.9, 100), runOf(4, 0.93, 100), runOf(16, 0.92, 100)]);
    expect(order).toMatchObject({ clearPairs: 0, verdict: "unclear" });
    expect(order.sentence).toContain("No two accuracies are apart by more than their intervals");
  });

  test("two runs have no correlation", () => {
    const order = orderOf([runOf(1, 0.2), runOf(4, 0.9)]);
    expect(order).toMatchObject({ spearman: null, pValue: null, verdict: "unclear" });
  });

  test("runs of one rank share their prediction, are no pair, and are said to differ otherwise", () => {
    const order = orderOf([runOf(4, 0.95), runOf(4, 0.3, 200, "hot"), runOf(1, 0.94)]);
    expect(order.rows.filter(({ r }) => r === 4).map(({ predictedOrder }) => predictedOrder)).toEqual([1.5, 1.5]);
    expect(order.clearPairs).toBe(1);
    expect(order.sentence).toContain("learning rates");
  });
});

test("Wilson's interval", () => {
  // Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662, 0 of 20 gives 0 to 0.1611.
  expect(wilsonInterval(81 / 263, 263)[0]).toBeCloseTo(0.2553, 4);
  expect(wilsonInterval(81 / 263, 263)[1]).toBeCloseTo(0.3662, 4);
  expect(wilsonInterval(0, 20)).toEqual([0, expect.closeTo(0.1611, 4)]);
  expect(wilsonInterval(0.5, 0)).toEqual([0, 1]);
});
