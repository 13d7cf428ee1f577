/** Provenance, alerts, sensitivity and spectra of a module in words and numbers. */
import { expect, test } from "vitest";
import type { Alert } from "../../../../src/contract/alerts.ts";
import type { AdapterSummary } from "../../../../src/contract/domain/adapter.ts";
import type { ModuleMeasures } from "../../../../src/contract/domain/analysis.ts";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import type { Rounding } from "../../../../src/contract/domain/spectrum.ts";
import { roundingFloor } from "../../../charts/rounding-floor.ts";
import { alertsOf, roundingWords } from "./module-facts.ts";
import { deltaFormula, errorLines, methodLines, shortHash, sourceFacts, testLines } from "./provenance.ts";
import { sensitivity } from "./sensitivity.ts";
import { baseEnergy, endNote, energyMarks, exactViewOffer, moduleSpectra } from "./spectra.ts";
import { testedVectors } from "./tested.ts";

const hash = "9f3c0000000000000000000000000000000000000000000000000000000000e41a";

function item(files: string[]): LibraryItem {
  const listed = files.map((name) => ({ name, bytes: 1 }));
  return {
    path: "/models/base",
    inspection: { files: listed, checkpoint: { dtype: "BF16" }, adapter: null },
  } as LibraryItem;
}

test("a source of one weight file goes by its name, a sharded one by its folder", () => {
  const one = sourceFacts("/models/base", hash, [item(["config.json", "model.safetensors"])]);
  expect(one).toMatchObject({ name: "model.safetensors", detail: "bf16 · sha256 9f3c…e41a" });
  const two = sourceFacts("/models/base", hash, [item(["a.safetensors", "b.safetensors"])]);
  expect(two).toMatchObject({ name: "base", detail: "bf16 · 2 files · sha256 9f3c…e41a" });
  expect(sourceFacts("/gone/run-7", hash, [])).toMatchObject({ name: "run-7", detail: "sha256 9f3c…e41a" });
  expect(shortHash("short")).toBe("short");
});

test("the formula names the scale, its keys and the variants", () => {
  const adapter = { scale: 2, scaleFormula: "lora_alpha / r", variants: ["dora"] } as AdapterSummary;
  expect(deltaFormula(adapter)).toEqual({
    formula: "s · B · A, s = lora_alpha / r = 2.00",
    source: "from adapter_config.json, dora",
  });
  expect(deltaFormula({ ...adapter, scale: null, variants: [] }).formula).toContain("by module");
  expect(deltaFormula(null).formula).toBe("W − W₀, entry by entry");
});

const vector = { index: 0, singularValue: 3, maxCosine: { lower: 0.2, upper: 0.232 }, deltaShare: 0.5, bestIndex: 4 };
const decision = { method: "lanczos", steps: 24, degenerate: true, climbed: ["exact after 96 steps"] };
const module = {
  name: "model.layers.1.mlp.up_proj",
  shape: [128, 384],
  delta: {
    method: "factors",
    resolution: 0,
    singularValues: [2, 1, 0],
    effectiveRank: { energy50: 1, energy90: 2, energy95: null, energy99: 2 },
  },
  base: { frobenius: 5, singularValues: [3, 2], residuals: [1e-9, 2e-9] },
  tuned: { frobenius: 5, singularValues: [3, 2], residuals: [4e-9, 1e-9] },
  sides: { left: { vectors: [vector], decision } },
  rounding: null,
} as unknown as ModuleMeasures;
const tested = testedVectors(module, { k: 10, epsilon: 0.5, side: "left" }, null);

test("methods and errors stand for what was measured", () => {
  expect(methodLines(module, tested, undefined)).toEqual([
    "ΔW from its factors",
    "top 2 of W by block Krylov",
    "bounds by Lanczos, 24 steps",
    "equal singular values taken as one space",
    "exact after 96 steps",
  ]);
  expect(errorLines(module, tested)).toEqual(["residuals ≤ 4.0e−9", "cosine bounds within 0.032"]);
});

test("the stored test, and the shown one where it differs", () => {
  const run = { k: 10, epsilon: 0.5, side: "left" } as AppRun;
  expect(testLines(run, { k: 10, epsilon: 0.5, side: "left" })).toEqual(["left vectors, k 10, ε 0.50"]);
  expect(testLines(run, { k: 5, epsilon: 0.6, side: "left" })[1]).toBe(
    "shown: left vectors, k 5, ε 0.60, decided again from the stored bounds",
  );
});

test("alerts belong to the module that they name and to no longer name", () => {
  const alert = (where: string | undefined) => ({ where, code: "analysis.climbed" }) as Alert;
  const alerts = [
    alert("model.layers.1.mlp.up_proj"),
    alert("run a: model.layers.1.mlp.up_proj.weight"),
    alert("model.layers.1.mlp.up_proj_extra"),
    alert("model.layers.11.mlp.up_proj"),
    alert(undefined),
  ];
  expect(alertsOf(alerts, module.name).here).toEqual(alerts.slice(0, 2));
  expect(alertsOf(alerts, module.name).elsewhere).toBe(3);
});

test("the rounding audit in words", () => {
  const rounding = { verdict: "above-floor", aboveEdge: 87, unchangedShare: 0.97 } as Rounding;
  expect(roundingWords(rounding)).toBe(
    "The change stands above what rounding alone would give. 87 singular values of ΔW stand above the rounding floor. 97.0 % of the weights did not change.",
  );
  expect(roundingWords({ ...rounding, verdict: "identical", unchangedShare: 0 })).toBe(
    "Base and tuned hold the same weights.",
  );
});

test("counts over ε and k, the chosen ε among them", () => {
  const bounds = { lower: [0.9, 0.35, 0.1], upper: [0.95, 0.45, 0.2], deltaShare: [0.1, 0.3, 0.4] };
  const rows = sensitivity(bounds, 3, 0.42);
  expect(rows.map(({ epsilon }) => epsilon)).toEqual([0.3, 0.4, 0.42, 0.5, 0.6, 0.7]);
  const at = (epsilon: number) =>
    rows.find((row) => row.epsilon === epsilon)?.cells.map(({ k, intruders, undecided }) => [k, intruders, undecided]);
  expect(at(0.5)).toEqual([
    [1, 0, 0],
    [3, 2, 0],
  ]);
  expect(at(0.4)).toEqual([
    [1, 0, 0],
    [3, 1, 1],
  ]);
});

test("spectra are partial until the exact view is there", () => {
  const partial = moduleSpectra(module, undefined);
  expect(partial).toMatchObject({ whole: false, size: 128, delta: [2, 1] });
  expect(baseEnergy(module, partial)).toEqual([9 / 25, 13 / 25]);
  expect(endNote(partial, 2)).toBe("ΔW stops at 2 = r");
  expect(endNote(partial, 4)).toBe("ΔW stops at 2");
  expect(endNote({ ...partial, delta: Array(128).fill(1) }, null)).toBeUndefined();
  expect(energyMarks(module).map(({ name, k }) => `${name} ${k}`)).toEqual(["k50 1", "k90 2", "k99 2"]);
});

test("the floor is drawn where rounding can stand in ΔW", () => {
  const rounding = { edge: 0.002, verdict: "blurred" } as Rounding;
  expect(roundingFloor(rounding, "BF16")).toEqual({ edge: 0.002, note: "below the bf16 rounding floor" });
  expect(roundingFloor({ ...rounding, verdict: "identical" }, "BF16")).toBeUndefined();
  expect(roundingFloor(null, "BF16")).toBeUndefined();
});

test("the offer of the exact view says what it costs", () => {
  expect(exactViewOffer([128, 384])).toBe("Compute map, under 1 s");
  expect(exactViewOffer([2048, 2048])).toMatch(/^Compute map, about [3-5] s$/);
});
