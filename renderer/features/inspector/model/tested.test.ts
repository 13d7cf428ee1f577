import { expect, test } from "vitest";
import type { ModuleMeasures } from "../../../../src/contract/domain/analysis.ts";
import type { CosineMap } from "../../../../src/contract/domain/cells.ts";
import { certificateOf, sentenceOf } from "./sentence.ts";
import { testedVectors, weakestMatch } from "./tested.ts";

function vector(index: number, lower: number, upper: number, deltaShare: number) {
  return {
    index,
    singularValue: 10 - index,
    maxCosine: { lower, upper },
    intruder: null,
    energyShare: 0.1,
    deltaShare,
    pValue: 0.2,
    word: "inherited" as const,
    spanEnergy: 1,
    bestIndex: index,
  };
}

const decision = { method: "lanczos" as const, steps: 24, degenerate: false, climbed: [] };
const left = {
  vectors: [vector(0, 0.99, 1, 0.1), vector(1, 0.2, 0.23, 0.5), vector(2, 0.45, 0.55, 0.2), vector(3, 0.7, 0.8, 0.05)],
  intruders: 1,
  undecided: 1,
  intruderEnergy: 0.5,
  decision,
  grid: { epsilons: [0.5], ks: [4], counts: [[1]], undecided: [[1]] },
};
// Only what the functions under test read.
const module = { sides: { left } } as unknown as ModuleMeasures;
const map: CosineMap = {
  side: "left",
  rows: 4,
  columns: 4,
  cosines: "",
  best: [0.995, 0.21, 0.49, 0.75],
  base: [9, 8, 7, 6],
  tuned: [10, 9, 8, 7],
  seconds: 0.1,
};
const settings = { k: 4, epsilon: 0.5, side: "left" as const };

test("bounds decide, shares add up, ranks start at 1", () => {
  const tested = testedVectors(module, settings, null);
  expect(tested).toMatchObject({ count: 4, undecided: 1, energy: 0.5 });
  expect(tested?.intruders.map(({ rank }) => rank)).toEqual([2]);
  expect(tested && weakestMatch(tested)).toBe(0.2);
});

test("another ε and a smaller k are decided from the same bounds", () => {
  expect(testedVectors(module, { ...settings, epsilon: 0.6 }, null)).toMatchObject({ undecided: 0, energy: 0.7 });
  expect(testedVectors(module, { ...settings, k: 1 }, null)).toMatchObject({ count: 1, intruders: [], undecided: 0 });
  expect(testedVectors(module, { ...settings, k: 50 }, null)?.count).toBe(4);
});

test("the exact view decides what the bounds leave open, and nothing else", () => {
  const tested = testedVectors(module, settings, map);
  expect(tested?.undecided).toBe(0);
  expect(tested?.vectors[2]).toMatchObject({ intruder: true, exact: true, lower: 0.49, upper: 0.49 });
  expect(tested?.vectors[1]).toMatchObject({ exact: false, lower: 0.2, upper: 0.23 });
});

test("a side that was not tested is known by its exact view only, without shares", () => {
  const right = { ...settings, side: "right" as const };
  expect(testedVectors(module, right, map)).toBeUndefined();
  const tested = testedVectors(module, right, { ...map, side: "right" });
  expect(tested).toMatchObject({ count: 4, undecided: 0, energy: undefined, decision: undefined });
  expect(tested?.intruders.map(({ rank }) => rank)).toEqual([2, 3]);
});

test("sentences", () => {
  const say = (epsilon: number, k: number, view: CosineMap | null) => {
    const tested = testedVectors(module, { ...settings, epsilon, k }, view);
    const { lead, rest } = sentenceOf(tested as NonNullable<typeof tested>, [2048, 11_008]);
    return `${lead} ${rest}`;
  };
  expect(say(0.5, 4, null)).toBe(
    "1 of the top 4 left singular vectors of W matches no base vector above ε = 0.50. It carries 50.0 % of the change’s energy. One is undecided: its bounds straddle ε. A random direction in 2048 dimensions would match at ≈ 0.08.",
  );
  expect(say(0.5, 4, map)).toContain(
    "2 of the top 4 left singular vectors of W match no base vector above ε = 0.50. They carry 70.0 %",
  );
  expect(say(0.15, 4, null)).toBe(
    "Each of the top 4 left singular vectors of W matches a base vector above ε = 0.15. The weakest match is 0.200. A random direction in 2048 dimensions would match at ≈ 0.08.",
  );
});

test("certificates name the bound that decides", () => {
  const vectors = testedVectors(module, settings, null)?.vectors ?? [];
  expect(vectors.map((entry) => certificateOf(entry, decision))).toEqual([
    "lower bound 0.990 ≥ ε, 24 steps",
    "upper bound 0.230 < ε, 24 steps",
    "bounds straddle ε, 24 steps",
    "lower bound 0.700 ≥ ε, 24 steps",
  ]);
});
