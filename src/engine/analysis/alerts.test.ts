import { expect, test } from "vitest";
import { deltaOf, failedModuleOf, moduleOf } from "../../../test/builders/analysis-document.ts";
import { failedVectorAlerts, moduleAlerts } from "./alerts.ts";

const changed = { code: "source.changed" as const, message: "the file changed", retryable: true };

const notFiniteAt = (where: string) => ({
  code: "analysis.not-finite" as const,
  message: "1 entry is NaN or infinite",
  where,
  retryable: false,
});

test("hundreds of modules with one trouble are one alert with their number", () => {
  const modules = Array.from({ length: 300 }, (_, layer) => ({ ...failedModuleOf(layer, "q"), error: changed }));
  const names = modules.slice(0, 3).map(({ name }) => name);
  expect(moduleAlerts(modules, "full")).toEqual([
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
  const notFinite = notFiniteAt("base_model.model.model.layers.2.self_attn.q_proj.lora_B.weight");
  const modules = [
    ...zero,
    { ...failedModuleOf(2, "q"), error: notFinite },
    { ...failedModuleOf(3, "q"), error: changed },
  ];
  expect(moduleAlerts(modules, "adapter").map(({ code, message }) => [code, message])).toEqual([
    ["analysis.undefined", expect.stringMatching(/^2 modules \(.*\): ΔW is zero/)],
    [
      "adapter.not-finite",
      "base_model.model.model.layers.2.self_attn.q_proj.lora_B.weight: 1 entry is NaN or infinite",
    ],
    ["analysis.module-failed", "the file changed"],
  ]);
});

test.each([
  ["adapter", "base", "analysis.not-finite"],
  ["adapter", "base_model.model.lm_head.weight", "adapter.not-finite"],
  ["full", "lm_head.weight", "analysis.not-finite"],
] as const)("values of %s that are not finite in %s: %s", (kind, where, code) => {
  const modules = [{ ...failedModuleOf(0, "q"), error: notFiniteAt(where) }];
  const [alert, ...others] = moduleAlerts(modules, kind);
  expect([alert?.code, alert?.message, others]).toEqual([code, `${where}: 1 entry is NaN or infinite`, []]);
});

test("norms and biases that failed", () => {
  const failures = ["a.norm", "b.norm"].map((name) => ({ name, error: changed }));
  expect(failedVectorAlerts(failures, "adapter").map(({ message }) => message)).toEqual([
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
  expect(moduleAlerts([climbing([finer])], "full")).toEqual([]);
  expect(moduleAlerts([climbing([finer, "lanczos: did not end"])], "full")).toEqual([
    expect.objectContaining({ code: "analysis.climbed", message: "lanczos: did not end" }),
  ]);
});
