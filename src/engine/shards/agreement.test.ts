import { expect, test } from "vitest";
import { deltaOf, moduleOf, vectorOf } from "../../../test/builders/analysis-document.ts";
import type { ModuleMeasures } from "../../contract/domain/analysis.ts";
import { disagreement } from "./agreement.ts";

const left = {
  vectors: [vectorOf(0, 0.9), vectorOf(1, 0.2)],
  intruders: 1,
  undecided: 0,
  intruderEnergy: 0.1,
  decision: { method: "lanczos" as const, steps: 24, degenerate: false, climbed: [] },
  grid: { epsilons: [], ks: [], counts: [], undecided: [] },
};
const module = moduleOf({ layer: 0, kind: "q_proj", delta: deltaOf([3, 1, 1e-6], 10), sides: { left } });
const side = (copy: ModuleMeasures) => copy.sides.left ?? left;

function changed(change: (copy: ModuleMeasures) => void): ModuleMeasures {
  const copy = structuredClone(module);
  change(copy);
  return copy;
}

test.each<[string, (copy: ModuleMeasures) => void]>([
  ["times", (copy) => Object.assign(copy, { seconds: 99 })],
  ["last digits", (copy) => Object.assign(copy.delta ?? {}, { frobenius: (copy.delta?.frobenius ?? 0) * (1 + 1e-9) })],
  ["other steps of the same search", (copy) => Object.assign(side(copy).decision, { steps: 96 })],
  ["bounds that meet", (copy) => Object.assign(side(copy).vectors[1]?.maxCosine ?? {}, { lower: 0.1, upper: 0.3 })],
  ["values that no method resolves", (copy) => copy.delta?.singularValues.splice(2, 1, 3e-6)],
])("%s are no contradiction", (_, change) => {
  expect(disagreement(module, changed(change))).toBeUndefined();
});

test.each<[string, (copy: ModuleMeasures) => void]>([
  ["shape", (copy) => Object.assign(copy, { shape: [1, 2] })],
  ["‖ΔW‖ (Frobenius)", (copy) => Object.assign(copy.delta ?? {}, { frobenius: 9 })],
  ["singular values of ΔW, number 2: 1 and 1.001", (copy) => copy.delta?.singularValues.splice(1, 1, 1.001)],
  ["3 and 2 singular values of ΔW", (copy) => copy.delta?.singularValues.pop()],
  ["‖ΔW‖ (Frobenius)", (copy) => Object.assign(copy, { delta: null })],
  ["left vectors tested in one only", (copy) => Object.assign(copy, { sides: {} })],
  ["1 and 2 intruders (left)", (copy) => Object.assign(side(copy), { intruders: 2 })],
  ["bounds of the best cosine of vector 2 (left)", (copy) => side(copy).vectors.splice(1, 1, vectorOf(1, 0.21))],
])("%s", (told, change) => {
  expect(disagreement(module, changed(change))).toContain(told);
});
