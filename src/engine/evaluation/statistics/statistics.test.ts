import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { watchTurns } from "../../../../test/builders/longest-turn.ts";
import { fc } from "../../../../test/builders/properties.ts";
import { benjaminiHochberg, holm } from "./adjust.ts";
import { binomialDraws } from "./binomial.ts";
import { estimate, pairedInterval } from "./bootstrap.ts";
import { chanceAdjustedForgetting, chanceLevel, cohensG, standardisedDifference } from "./effect.ts";
import { mcnemarExact } from "./mcnemar.ts";
import { detectableDifference, detectableRatio } from "./power.ts";
import { randomNumbers } from "./random.ts";
import { averageRanks, partialSpearman, spearman, spearmanP } from "./rank-correlation.ts";
import { unitsOf } from "./units.ts";

/** Values of scipy and statsmodels, made by tools/make-golden/make_statistics.py. */
interface Truth {
  mcnemar: { lost: number; gained: number; p: number }[];
  adjusted: { p: number[]; holm: number[]; bh: number[] }[];
  bootstrap: { change: number[]; weight: number[]; low: number; high: number }[];
  spearman: {
    x: number[];
    y: number[];
    z: number[];
    rho: number;
    partial: number;
    p: number | null;
    asymptotic: number;
  }[];
}
const truth: Truth = JSON.parse(
  readFileSync(new URL("../../../../test/golden/statistics.json", import.meta.url), "utf8"),
);

describe("the values of scipy and statsmodels", () => {
  test.each(truth.mcnemar)("McNemar: $lost lost, $gained gained", ({ lost, gained, p }) => {
    expect(Math.abs(mcnemarExact(lost, gained) - p)).toBeLessThanOrEqual(1e-9 * p);
  });

  test.each(truth.adjusted)("Holm and Benjamini–Hochberg of $p", ({ p, holm: holmTruth, bh }) => {
    for (const [place, value] of holm(p).entries()) expect(value).toBeCloseTo(holmTruth[place] ?? Number.NaN, 12);
    for (const [place, value] of benjaminiHochberg(p).entries()) expect(value).toBeCloseTo(bh[place] ?? Number.NaN, 12);
  });

  test.each(truth.bootstrap)("percentile interval $low … $high", async ({ change, weight, low, high }) => {
    const units = { change: Float64Array.from(change), weight: Float64Array.from(weight) };
    const interval = await pairedInterval(units);
    const width = high - low;
    // 10,000 draws place an end of the interval within about 2.5 % of its width.
    expect(Math.abs((interval?.low ?? Number.NaN) - low)).toBeLessThan(0.04 * width);
    expect(Math.abs((interval?.high ?? Number.NaN) - high)).toBeLessThan(0.04 * width);
  });

  test.each(truth.spearman)("Spearman ρ $rho, partial $partial, p $p", ({ x, y, z, rho, partial, p, asymptotic }) => {
    expect(spearman(x, y)).toBeCloseTo(rho, 12);
    expect(partialSpearman(x, y, z)).toBeCloseTo(partial, 9);
    if (p !== null) expect(spearmanP(x, y)).toBeCloseTo(p, 12);
    else expect(Math.abs((spearmanP(x, y) ?? Number.NaN) - asymptotic)).toBeLessThan(0.01);
  });
});

describe("what must hold whatever the data", () => {
  const counts = fc.tuple(fc.nat(3000), fc.nat(3000));
  const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 });

  test("McNemar: a probability, the same both ways, smaller the more one-sided", () => {
    fc.assert(
      fc.property(counts, ([lost, gained]) => {
        const p = mcnemarExact(lost, gained);
        expect(p).toBeGreaterThan(-1e-300);
        expect(p).toBeLessThanOrEqual(1);
        expect(mcnemarExact(gained, lost)).toBe(p);
        if (lost >= gained) expect(mcnemarExact(lost + 1, gained)).toBeLessThanOrEqual(p * (1 + 1e-9));
      }),
    );
  });

  test("adjusted p: never below the raw one, in its order, Holm never below Benjamini–Hochberg", () => {
    fc.assert(
      fc.property(pValues, (p) => {
        const [strict, lax] = [holm(p), benjaminiHochberg(p)];
        for (const [place, raw] of p.entries()) {
          expect(lax[place]).toBeGreaterThanOrEqual(raw - 1e-15);
          expect(strict[place]).toBeGreaterThanOrEqual((lax[place] ?? 1) - 1e-12);
          expect(strict[place]).toBeLessThanOrEqual(1);
          for (const [other, value] of p.entries())
            if (raw < value) expect(strict[place]).toBeLessThanOrEqual(strict[other] ?? 0);
        }
      }),
    );
  });

  test("ranks sum to n(n + 1)/2 and rising functions change nothing", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 3, maxLength: 20 }), (values) => {
        const count = values.length;
        const ranks = averageRanks(values);
        expect(ranks.reduce((sum, rank) => sum + rank, 0)).toBeCloseTo((count * (count + 1)) / 2, 9);
        expect(averageRanks(values.map((value) => Math.exp(value)))).toEqual(ranks);
        const self = spearman(values, values);
        expect(self === undefined ? new Set(values).size : self).toBeCloseTo(1, 12);
      }),
    );
  });

  test("an interval is the same for the same seed and holds the estimate of a symmetric sample", async () => {
    const units = unitsOf(
      Array.from({ length: 200 }, (_, place) => ({ change: (place % 5) - 2, weight: 1, group: undefined })),
    );
    const [one, again, other] = await Promise.all([
      pairedInterval(units),
      pairedInterval(units),
      pairedInterval(units, { seed: 2 }),
    ]);
    expect(one).toEqual(again);
    expect(one).not.toEqual(other);
    expect(one?.low).toBeLessThan(estimate(units));
    expect(one?.high).toBeGreaterThan(estimate(units));
  });
});

test("items of one group are drawn together, which widens the interval", async () => {
  const items = Array.from({ length: 200 }, (_, place) => ({
    change: place < 100 ? -1 : 0,
    weight: 1,
    group: `g${place >> 2}`,
  }));
  const grouped = unitsOf(items);
  const alone = unitsOf(items.map((item) => ({ ...item, group: undefined })));
  expect(grouped.change).toHaveLength(50);
  expect(estimate(grouped)).toBe(estimate(alone));
  const [wide, narrow] = await Promise.all([pairedInterval(grouped), pairedInterval(alone)]);
  const width = (interval: typeof wide) => (interval?.high ?? 0) - (interval?.low ?? 0);
  // Four equal items each: half as many independent draws in each direction, √4 as wide.
  expect(width(wide) / width(narrow)).toBeGreaterThan(1.8);
  expect(width(wide) / width(narrow)).toBeLessThan(2.2);
});

test("a long bootstrap leaves the event loop free, and stops when it is told", async () => {
  // Weights of 2 take the way of groups and documents, unit by unit.
  const units = { change: new Float64Array(20_000), weight: new Float64Array(20_000).fill(2) };
  const abort = new AbortController();
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
    if (turns === 10) abort.abort();
  }, 1);
  const { longest } = await watchTurns(() =>
    expect(pairedInterval(units, { signal: abort.signal })).rejects.toMatchObject({ name: "AbortError" }),
  );
  clearInterval(timer);
  expect(turns).toBeGreaterThanOrEqual(10);
  expect(longest).toBeLessThan(50);
});

test("counting flips draws from the same distribution as drawing items", async () => {
  const change = Float64Array.from({ length: 150 }, (_, place) => (place < 12 ? -1 : place < 16 ? 1 : 0));
  const counted = await pairedInterval({ change, weight: new Float64Array(150).fill(1) });
  // The same ratio, with another weight, is drawn unit by unit.
  const drawn = await pairedInterval({
    change: change.map((value) => 2 * value),
    weight: new Float64Array(150).fill(2),
  });
  expect(Math.abs((counted?.low ?? 0) - (drawn?.low ?? 1))).toBeLessThanOrEqual(1.01 / 150);
  expect(Math.abs((counted?.high ?? 0) - (drawn?.high ?? 1))).toBeLessThanOrEqual(1.01 / 150);
});

test.each([
  [0, 0.5],
  [1, 0.3],
  [40, 0.02],
  [617, 0.33],
  [5000, 0.999],
])("binomial counts of %i trials at %d have their mean and variance", (trials, chance) => {
  const draw = binomialDraws(trials, chance);
  const random = randomNumbers(5);
  const counts = Array.from({ length: 20_000 }, () => draw(random()));
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length;
  const deviation = Math.sqrt(trials * chance * (1 - chance));
  expect(Math.abs(mean - trials * chance)).toBeLessThan(0.04 * deviation + 1e-12);
  expect(Math.abs(variance - deviation ** 2)).toBeLessThan(0.06 * deviation ** 2 + 1e-12);
  expect(draw(0)).toBeGreaterThanOrEqual(0);
  expect(draw(1 - 2 ** -32)).toBeLessThanOrEqual(trials);
});

test("nothing to draw has no interval", async () => {
  expect(await pairedInterval(unitsOf([]))).toBeUndefined();
});

/** p of one simulated study: each item is lost, gained or unchanged by itself. */
function simulatedP(
  items: number,
  { flips, difference }: { flips: number; difference: number },
  random: () => number,
): number {
  const chances = Array.from({ length: items }, random);
  const lost = chances.filter((chance) => chance < (flips + difference) / 2).length;
  return mcnemarExact(lost, chances.filter((chance) => chance < flips).length - lost);
}

describe("power", () => {
  test("300 items can show 5 points, 3,000 items 1.6; few items nothing", () => {
    expect(detectableDifference(300)).toBeCloseTo(0.0512, 3);
    expect(detectableDifference(3000)).toBeCloseTo(0.0162, 3);
    expect(detectableDifference(7, 0)).toBeUndefined();
    expect(detectableDifference(0)).toBeUndefined();
    expect(detectableDifference(100, 0)).toBeCloseTo(0.0785, 3);
  });

  test("at that difference about 80 % of simulated studies reach p < 0.05", () => {
    const [items, flips, studies] = [1000, 0.1, 400];
    const difference = detectableDifference(items, flips) ?? 0;
    const random = randomNumbers(3);
    const shown = Array.from({ length: studies }, () => simulatedP(items, { flips, difference }, random)).filter(
      (p) => p < 0.05,
    ).length;
    // The exact test is a little shyer than the normal approximation behind the formula.
    expect(shown / studies).toBeGreaterThan(0.7);
    expect(shown / studies).toBeLessThan(0.88);
  });

  test("of documents: 2.8 standard errors of the mean where all weigh the same", () => {
    const change = Float64Array.from([0.1, 0.2, 0.3, 0.4]);
    const deviation = Math.sqrt(0.05 / 3);
    expect(detectableRatio({ change, weight: new Float64Array(4).fill(1) })).toBeCloseTo((2.8016 * deviation) / 2, 4);
    expect(detectableRatio({ change: Float64Array.of(1), weight: Float64Array.of(1) })).toBeUndefined();
  });
});

test("effect sizes and forgetting above chance", () => {
  expect(cohensG(21, 6)).toBeCloseTo(21 / 27 - 0.5, 12);
  expect(cohensG(0, 0)).toBeUndefined();
  expect(standardisedDifference([1, 2, 3])).toBeCloseTo(2, 12);
  expect(standardisedDifference([1, 1])).toBeUndefined();
  expect(standardisedDifference([1])).toBeUndefined();
  const chance = chanceLevel([
    { choices: 4, golds: 1 },
    { choices: 2, golds: 1 },
    { choices: 4, golds: 3 },
  ]);
  expect(chance).toBeCloseTo(0.5, 12);
  expect(chanceAdjustedForgetting(0.9, 0.7, 0.5)).toBeCloseTo(0.5, 12);
  expect(chanceAdjustedForgetting(0.9, 0.95, 0.5)).toBeCloseTo(-0.125, 12);
  expect(chanceAdjustedForgetting(0.5, 0.4, 0.5)).toBeUndefined();
});

test("rank correlation of too few or equal values has no value", () => {
  expect(spearman([1, 2], [1, 2])).toBeUndefined();
  expect(spearman([1, 1, 1], [1, 2, 3])).toBeUndefined();
  expect(spearmanP([1, 1, 1], [1, 2, 3])).toBeUndefined();
  expect(partialSpearman([1, 2, 3], [1, 2, 3], [3, 1, 2])).toBeUndefined();
  expect(partialSpearman([1, 2, 3, 4], [1, 2, 4, 3], [1, 2, 3, 4])).toBeUndefined();
});
