/** One run against another. */
import { expect, test } from "vitest";
import { appRunOf, exactBounds, moduleRowOf } from "../../../../test/builders/module-rows.ts";
import {
  differenceOf,
  differencePosition,
  differenceRows,
  formatDifference,
  formatDifferenceTick,
} from "./difference.ts";
import { gridOf, splitTracks } from "./grid.ts";
import { metrics } from "./metrics.ts";
import { createDecider } from "./test-settings.ts";

const [a, b, c] = ["A", "B", "C"].map((letter) => appRunOf(letter)) as [
  ReturnType<typeof appRunOf>,
  ReturnType<typeof appRunOf>,
  ReturnType<typeof appRunOf>,
];
const decide = createDecider({ k: 4, epsilon: 0.5, side: "left" });

test("the pair of the address, and two different runs whatever it says", () => {
  const runs = [a, b, c];
  expect(differenceOf(runs, { pair: `${c.id}..${a.id}` })).toMatchObject({ first: c, second: a });
  expect(differenceOf(runs, {})).toMatchObject({ first: a, second: b, metric: metrics.relative });
  expect(differenceOf(runs, { pair: `${b.id}..${b.id}` })).toMatchObject({ first: b, second: a });
  expect(differenceOf(runs, { pair: "gone..gone", of: "cosine" })).toMatchObject({
    first: a,
    second: b,
    metric: metrics.cosine,
  });
  expect(differenceOf([a], {})).toBeUndefined();
});

test("ratios on logarithmic metrics, differences on linear ones, and no value where one side has none", () => {
  const rows = [
    moduleRowOf(a, 0, "q_proj", { relative: 1, bounds: exactBounds([0.9]) }),
    moduleRowOf(b, 0, "q_proj", { relative: 0.1, bounds: exactBounds([0.4]) }),
    moduleRowOf(a, 1, "q_proj", { relative: 0.1 }),
  ];
  const [first, second] = splitTracks([a, b], rows);
  if (!first || !second) throw new Error("two tracks");
  const grid = gridOf([a, b], rows);
  const [ratios] = differenceRows(first, second, grid, metrics.relative, decide);
  expect(ratios?.cells[0]).toMatchObject({ state: "value", value: 1 });
  expect(ratios?.cells[1]).toMatchObject({ state: "absent", value: null });
  const [cosines] = differenceRows(first, second, grid, metrics.cosine, decide);
  expect(cosines?.cells[0]?.value).toBeCloseTo(0.5, 12);
});

test("A more stands at the low end of the scale, equal in the middle", () => {
  const domain = { low: -1, high: 1, log: false };
  expect([1, 0, -1].map((value) => differencePosition(value, domain))).toEqual([0, 0.5, 1]);
});

test("words say which run has more", () => {
  const ratio = { first: a, second: b, metric: metrics.relative };
  expect(formatDifference(1, ratio)).toBe("A × 10.0");
  expect(formatDifference(-0.30103, ratio)).toBe("B × 2.00");
  expect(formatDifference(0, ratio)).toBe("equal");
  expect(formatDifference(null, ratio)).toBe("–");
  expect(formatDifference(-0.25, { ...ratio, metric: metrics.energy })).toBe("B + 25.0 %");
  expect(formatDifferenceTick(Math.log10(30), ratio)).toBe("A × 30");
});
