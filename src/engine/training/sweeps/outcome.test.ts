import { describe, expect, test } from "vitest";
import { bestRatesOf, type MeasuredCell, outcomeOf } from "./outcome.ts";
import { meanInterval, student95 } from "./student-t.ts";

interface Given {
  variant: string;
  seed: number;
  rank?: number;
  noise?: number;
  subset?: number | null;
  rate?: number;
  loss?: number | null;
  accuracy?: number | null;
}

function measured({ variant, seed, rank, noise = 0, subset = null, rate = 1, loss = 0.5, accuracy = 0.9 }: Given) {
  const rest = { run: null, oldTasks: null, intruders: null, effectiveRank: null, sha: `${variant} ${seed} ${noise}` };
  const cell = { ...rest, variant, seed, noise, subset, learningRate: rate, validationLoss: loss, accuracy };
  const family = variant.replace(/-r\d+$/, "");
  return { cell, rank: rank ?? null, family, rows: 450 } satisfies MeasuredCell;
}

describe("95 % intervals", () => {
  // scipy.stats.t.ppf(0.975, df)
  test.each([
    [1, 12.706_204_736],
    [2, 4.302_652_73],
    [9, 2.262_157_163],
    [30, 2.042_272_456],
    [31, 2.039_513_446],
    [60, 2.000_297_822],
    [1000, 1.962_339_08],
  ])("Student's t of %i degrees of freedom", (degrees, value) => {
    expect(Math.abs(student95(degrees) - value)).toBeLessThan(1e-4);
  });

  test("of three values, by hand; of one there is none", () => {
    // mean 2, standard deviation 1: 2 ± 4.30265 / √3
    const { mean, low, high } = meanInterval([1, 2, 3]);
    expect([mean, low, high].map((value) => value?.toFixed(3))).toEqual(["2.000", "-0.484", "4.484"]);
    expect(meanInterval([0.7])).toEqual({ mean: 0.7, low: null, high: null });
  });
});

test("against rank: ranks of one family are one line, full fine-tuning a level one", () => {
  const cells = [1, 2].flatMap((seed) => [
    measured({ variant: "full", seed, accuracy: 0.8 + seed / 100 }),
    measured({ variant: "lora-r16", seed, rank: 16, accuracy: 0.9 }),
    measured({ variant: "lora-r1", seed, rank: 1, accuracy: seed === 1 ? 0.5 : null }),
  ]);
  const [accuracy, ...others] = outcomeOf(cells, []);
  expect(accuracy).toMatchObject({ axis: "rank", measure: "accuracy" });
  expect(others.flatMap(({ series }) => series)).toEqual([]);
  const series = new Map(accuracy?.series.map(({ variant, points }) => [variant, points]));
  expect(series.get("lora")?.map(({ x, mean, seeds }) => [x, mean, seeds])).toEqual([
    [1, 0.5, 1],
    [16, 0.9, 2],
  ]);
  expect(series.get("full")?.map(({ x, seeds }) => [x, seeds])).toEqual([
    [1, 2],
    [16, 2],
  ]);
  expect(series.get("full")?.[0]?.mean).toBeCloseTo(0.815, 12);
});

test("against noise at all examples, against examples without noise", () => {
  const cells = [0, 0.2].flatMap((noise) =>
    [100, null].map((subset) =>
      measured({ variant: "full", seed: 1, noise, subset, accuracy: noise === 0 ? 0.9 : (subset ?? 0) / 1000 }),
    ),
  );
  const points = outcomeOf(cells, [])
    .filter(({ measure }) => measure === "accuracy")
    .map(({ axis, series }) => [axis, series[0]?.points.map(({ x, mean }) => [x, mean])]);
  expect(points).toEqual([
    [
      "noise",
      [
        [0, 0.9],
        [0.2, 0],
      ],
    ],
    [
      "examples",
      [
        [100, 0.9],
        [450, 0.9],
      ],
    ],
  ]);
});

test("subsets of more rows than there are stand at all rows, each seed once", () => {
  const cells = [100, 5000, 6000, null].flatMap((subset) =>
    [1, 2].map((seed) => ({
      ...measured({ variant: "full", seed, subset, accuracy: seed / 10 }),
      rows: Math.min(subset ?? 450, 450),
    })),
  );
  const [examples] = outcomeOf(cells, []).filter(({ axis }) => axis === "examples");
  const [first, second, ...more] = examples?.series[0]?.points ?? [];
  expect([first, second].map((point) => [point?.x, point?.seeds])).toEqual([
    [100, 2],
    [450, 2],
  ]);
  expect(second?.mean).toBeCloseTo(0.15, 12);
  expect(more).toEqual([]);
});

describe("the best learning rate", () => {
  test("is that of the lowest held-out loss, whatever the accuracy", () => {
    const cells = [
      measured({ variant: "full", seed: 1, rate: 0.1, loss: 0.2, accuracy: 0.1 }),
      measured({ variant: "full", seed: 1, rate: 0.01, loss: 0.3, accuracy: 0.9 }),
    ];
    const best = bestRatesOf(cells.map(({ cell }) => cell));
    expect(best).toEqual([{ variant: "full", learningRate: 0.1, validationLoss: 0.2 }]);
    const drawn = [...cells, measured({ variant: "lora-r1", seed: 1, rank: 1, rate: 5 })];
    const [accuracy] = outcomeOf(drawn, best);
    expect(accuracy?.series.find(({ variant }) => variant === "full")?.points[0]?.mean).toBe(0.1);
  });

  test("unknown, the variant has no means: one over rates would look like one over seeds", () => {
    const cells = [
      measured({ variant: "full", seed: 1, rate: 4e-4, loss: null, accuracy: 0.9 }),
      measured({ variant: "full", seed: 1, rate: 4e-2, loss: null, accuracy: 0.1 }),
      measured({ variant: "lora-r1", seed: 1, rank: 1, loss: null, accuracy: 0.7 }),
      measured({ variant: "lora-r4", seed: 1, rank: 4, loss: null, accuracy: 0.8 }),
    ];
    const [accuracy] = outcomeOf(cells, bestRatesOf(cells.map(({ cell }) => cell)));
    const means = accuracy?.series.map(({ variant, points }) => [
      variant,
      points.map(({ mean, seeds }) => [mean, seeds]),
    ]);
    expect(means).toEqual([
      [
        "lora",
        [
          [0.7, 1],
          [0.8, 1],
        ],
      ],
    ]);
  });

  test("is judged on runs that every rate has finished", () => {
    const cells = [
      measured({ variant: "full", seed: 1, rate: 0.1, loss: 0.5 }),
      measured({ variant: "full", seed: 2, rate: 0.1, loss: 0.1 }),
      measured({ variant: "full", seed: 1, rate: 0.2, loss: 0.4 }),
      measured({ variant: "full", seed: 2, rate: 0.2, loss: null }),
    ];
    expect(bestRatesOf(cells.map(({ cell }) => cell))).toEqual([
      { variant: "full", learningRate: 0.2, validationLoss: 0.4 },
    ]);
  });
});
