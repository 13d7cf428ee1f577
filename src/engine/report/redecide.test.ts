import { expect, test } from "vitest";
import { plainModule } from "../../../test/builders/store-records.ts";
import type { SideMeasures, SingularVector } from "../../contract/domain/intruder.ts";
import { redecide } from "./redecide.ts";

function vector(index: number, lower: number, upper: number, more: Partial<SingularVector> = {}): SingularVector {
  return {
    index,
    singularValue: 10 - index,
    maxCosine: { lower, upper },
    intruder: upper < 0.5 ? true : lower >= 0.5 ? false : null,
    energyShare: 0.1,
    deltaShare: 0.1 * (index + 1),
    pValue: 1e-9,
    word: upper < 0.5 ? "new, partly aligned" : "inherited",
    spanEnergy: 0.5,
    bestIndex: null,
    ...more,
  };
}

const vectors = [
  vector(0, 0.99, 1),
  vector(1, 0.41, 0.45),
  vector(2, 0.55, 0.58),
  vector(3, 0.05, 0.06, { pValue: 0.5, word: "indistinguishable from random" }),
];
const left: SideMeasures = {
  vectors,
  intruders: 2,
  undecided: 0,
  intruderEnergy: 0.2 + 0.4,
  decision: { method: "lanczos", steps: 40, degenerate: false, climbed: [] },
  grid: { epsilons: [0.5], ks: [4], counts: [[2]], undecided: [[0]] },
};
const module = plainModule("m", { shape: [896, 896], vectors, intruders: 2, undecided: 0, sides: { left } });

test("the stored settings change nothing", () => {
  expect(redecide(module, { k: 4, epsilon: 0.5, side: "left" })).toEqual({
    ...module,
    intruderEnergy: 0.2 + 0.4,
    decision: left.decision,
  });
});

test("a smaller k tests fewer vectors", () => {
  const { vectors: tested, intruders, intruderEnergy } = redecide(module, { k: 2, epsilon: 0.5, side: "left" });
  expect([tested?.length, intruders, intruderEnergy]).toEqual([2, 1, 0.2]);
});

test.each([
  [0.6, 3, 0, 0.2 + 0.3 + 0.4],
  [0.57, 2, 1, 0.2 + 0.4],
  [0.43, 1, 1, 0.4],
  [0.3, 1, 0, 0.4],
])("at ε %f: %i intruders, %i undecided", (epsilon, intruders, undecided, energy) => {
  const decided = redecide(module, { k: 10, epsilon, side: "left" });
  expect([decided.intruders, decided.undecided]).toEqual([intruders, undecided]);
  expect(decided.intruderEnergy).toBeCloseTo(energy, 12);
  expect(decided.sides.left?.intruders).toBe(intruders);
});

test("words follow the decision; what chance would give decides between them", () => {
  const words = (epsilon: number) => redecide(module, { k: 4, epsilon, side: "left" }).vectors?.map(({ word }) => word);
  expect(words(0.6)).toEqual([
    "inherited",
    "new, partly aligned",
    "new, partly aligned",
    "indistinguishable from random",
  ]);
  expect(words(0.04)).toEqual(["inherited", "inherited", "inherited", "inherited"]);
});

test("a side that was not measured is not tested", () => {
  const untested = { vectors: null, intruders: null, intruderEnergy: null, undecided: null, decision: null };
  expect(redecide(module, { k: 4, epsilon: 0.5, side: "right" })).toMatchObject(untested);
});
