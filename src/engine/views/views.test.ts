import { expect, test, vi } from "vitest";
import { plainBase, plainModule } from "../../../test/builders/store-records.ts";
import type { ModuleMeasures } from "../../contract/domain/analysis.ts";
import type { Store } from "../store/types.ts";
import { adapterName, plannedKinds } from "./app-runs.ts";
import { energyCurveOf, logSpaced } from "./energy-curve.ts";
import { createTestedModules } from "./tested-modules.ts";

const row = { name: "m", layer: 1, kind: "q_proj", energy90: 2 };

test("E(k) of a full spectrum, point by point", () => {
  const curve = energyCurveOf({ ...row, shape: [4, 9], singularValues: [2, 1, 1, 0] });
  expect(curve).toMatchObject({ size: 4, k: [1, 2, 3, 4], k90: 2 });
  expect(curve.energy).toEqual([4 / 6, 5 / 6, 1, 1]);
  const shares = [4 / 6, 1 / 6, 1 / 6];
  expect(curve.entropySquared).toBeCloseTo(Math.exp(-shares.reduce((sum, p) => sum + p * Math.log(p), 0)), 12);
});

test("factors know as many values as their rank; the curve stays at 1 to the end of the spectrum", () => {
  const curve = energyCurveOf({ ...row, shape: [2048, 1000], singularValues: [3, 4] });
  expect([curve.k[0], curve.k.at(-1), curve.k.length]).toEqual([1, 1000, curve.energy.length]);
  expect(curve.energy[0]).toBeCloseTo(9 / 25, 12);
  expect(curve.energy.slice(1).every((energy) => Math.abs(energy - 1) < 1e-12)).toBe(true);
});

test("a zero ΔW has no curve and no rank", () => {
  expect(energyCurveOf({ ...row, shape: [4, 4], singularValues: [0, 0] })).toMatchObject({
    k: [],
    energy: [],
    entropySquared: null,
  });
});

test.each([1, 10, 64, 65, 1000, 11_008])("points of a spectrum of %i values", (size) => {
  const points = logSpaced(size, 64);
  expect(points.length).toBeLessThanOrEqual(64);
  expect([points[0], points.at(-1)]).toEqual([1, size]);
  expect(points.every((point, index) => index === 0 || point > (points[index - 1] as number))).toBe(true);
});

test("adapters go by the name that people use", () => {
  expect([adapterName("LORA", []), adapterName("LORA", ["dora"]), adapterName("LORA", ["rslora"])]).toEqual([
    "LoRA",
    "DoRA",
    "rsLoRA",
  ]);
  expect(adapterName("ADALORA", [])).toBe("ADALORA");
});

test("kinds that are still to come are known from the names asked for", () => {
  const planned = ["model.layers.0.mlp.up_proj", "model.layers.7.mlp.up_proj", "model.layers.0.self_attn.q_proj"];
  expect(plannedKinds({ base: plainBase, planned: [...planned, "model.embed_tokens"] })).toEqual({
    planned: { layered: ["up_proj", "q_proj"], outside: ["embed_tokens"] },
  });
  expect(plannedKinds({ base: plainBase, planned: [] })).toEqual({});
});

function storeOf(count: number) {
  const versions = new Map<string, number>();
  const tests = vi.fn(async (): Promise<ModuleMeasures[]> => Array(count).fill(plainModule("m")));
  const store = { tests, version: (analysis: string) => versions.get(analysis) ?? 0 } as unknown as Store;
  return { store, tests, change: (analysis: string) => versions.set(analysis, (versions.get(analysis) ?? 0) + 1) };
}

test("modules are read again only after a change", async () => {
  const { store, tests, change } = storeOf(3);
  const tested = createTestedModules(store);
  await Promise.all([tested("a"), tested("a")]);
  expect(await tested("a")).toHaveLength(3);
  expect(tests).toHaveBeenCalledTimes(1);
  change("a");
  await tested("a");
  expect(tests).toHaveBeenCalledTimes(2);
});

test("what was asked longest ago is forgotten first", async () => {
  const { store, tests } = storeOf(10_000);
  const tested = createTestedModules(store);
  for (const analysis of ["a", "b", "a", "c"]) await tested(analysis);
  expect(tests).toHaveBeenCalledTimes(3);
  await tested("a");
  expect(tests).toHaveBeenCalledTimes(3);
  await tested("b");
  expect(tests).toHaveBeenCalledTimes(4);
});

test("a failed reading is tried again", async () => {
  const { store, tests } = storeOf(1);
  tests.mockRejectedValueOnce(new Error("disk"));
  const tested = createTestedModules(store);
  await expect(tested("a")).rejects.toThrow("disk");
  expect(await tested("a")).toHaveLength(1);
});
