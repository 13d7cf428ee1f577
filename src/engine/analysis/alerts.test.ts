import { expect, test } from "vitest";
import { deltaOf, failedModuleOf, moduleOf } from "../../../test/builders/analysis-document.ts";
import { failedVectorAlerts, moduleAlerts } from "./alerts.ts";

const changed = { code: "source.changed" as const, message: "the file changed", retryable: true };

test("hundreds of modules with one trouble are one alert with their number", () => {
  const modules = Array.from({ length: 300 }, (_, layer) => ({ ...failedModuleOf(layer, "q"), error: changed }));
  const names = modules.slice(0, 3).map(({ name }) => name);
  expect(moduleAlerts(modules)).toEqual([
    expect.objectContaining({
      code: "analysis.module-failed",
      severity: "error",
      where: names[0],
      message: `300 modules (${names.join(", ")} and others): the file changed`,
    }),
  ]);
});

test("different troubles stay apart, a single one keeps its own words", () => {
  const zero = [0, 1].map((layer) => moduleOf({ layer, kind: "q", delta: deltaOf([0], 1) }));
  const notFinite = {
    code: "analysis.not-finite" as const,
    message: "1 NaN at row 2",
    where: "factor B",
    retryable: false,
  };
  const modules = [
    ...zero,
    { ...failedModuleOf(2, "q"), error: notFinite },
    { ...failedModuleOf(3, "q"), error: changed },
  ];
  expect(moduleAlerts(modules).map(({ code, message }) => [code, message])).toEqual([
    ["analysis.undefined", expect.stringMatching(/^2 modules \(.*\): ΔW is zero/)],
    ["adapter.not-finite", "factor B: 1 NaN at row 2"],
    ["analysis.module-failed", "the file changed"],
  ]);
});

test("norms and biases that failed", () => {
  const failures = ["a.norm", "b.norm"].map((name) => ({ name, error: changed }));
  expect(failedVectorAlerts(failures).map(({ message }) => message)).toEqual([
    "2 norms and biases (a.norm, b.norm): the file changed",
  ]);
});

test("sums repeated in a finer precision are no failure of a method", () => {
  const climbing = (climbed: string[]) => {
    const module = moduleOf({ layer: 0, kind: "q", delta: deltaOf([1], 1) });
    const decision = { method: "lanczos" as const, steps: 24, degenerate: false, climbed };
    const grid = { epsilons: [], ks: [], counts: [], undecided: [] };
    const left = { vectors: [], intruders: 0, undecided: 0, intruderEnergy: 0, decision, grid };
    return { ...module, sides: { left } };
  };
  const finer = "the Gram matrix of the base summed in f32 does not resolve what is asked; summed in f64";
  expect(moduleAlerts([climbing([finer])])).toEqual([]);
  expect(moduleAlerts([climbing([finer, "lanczos: did not end"])])).toEqual([
    expect.objectContaining({ code: "analysis.climbed", message: "lanczos: did not end" }),
  ]);
});
