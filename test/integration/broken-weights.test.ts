/** Weights that no measure can answer for: the module is named and left out, everything else goes on. */
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AnalysisDocument, RunDocument } from "../../src/contract/domain/analysis.ts";
import { analysisSpec } from "../../src/contract/domain/analysis.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { tinyFactors, tinyTensors, writeAdapter, writeCheckpoint } from "../builders/checkpoint.ts";
import { temporaryFolder } from "../builders/folders.ts";
import type { TensorToWrite } from "../builders/safetensors.ts";
import { goldenCases, goldenPath } from "./golden-truth.ts";

const Q = "model.layers.0.self_attn.q_proj";
const B = `base_model.model.${Q}.lora_B.weight`;

type Tensors = Map<string, TensorToWrite>;

/** One value of one tensor replaced, by its position in the file's order. */
function spoiled(tensors: Tensors, name: string, position: number, value: number): Tensors {
  const tensor = tensors.get(name) as TensorToWrite;
  const data = Float32Array.from(tensor.data as ArrayLike<number>);
  data[position] = value;
  return tensors.set(name, { ...tensor, data });
}

function zeroed(tensors: Tensors, part: string): Tensors {
  for (const [name, tensor] of tensors) {
    if (name.includes(part)) tensors.set(name, { ...tensor, data: new Float32Array(tensor.data.length) });
  }
  return tensors;
}

async function analyze(base: string, ...tuned: string[]): Promise<AnalysisDocument> {
  const engine = openEngine({ workspace: temporaryFolder("workspace"), threads: 2 });
  try {
    const runs = tuned.map((path, index) => ({ label: `run-${index}`, path }));
    let analysis = "";
    const spec = analysisSpec.parse({ base, tuned: runs, settings: {}, threads: 2 });
    for await (const event of await engine.client.analysis.run(spec)) {
      if (event.type === "finished") analysis = event.analysis;
    }
    return await engine.client.analysis.document({ analysis });
  } finally {
    await engine.close();
  }
}

function firstRun(document: AnalysisDocument): RunDocument {
  const [run] = document.runs;
  if (run === undefined) throw new Error("no run");
  return run;
}

test.each([
  ["NaN", Number.NaN],
  ["an infinity", Number.POSITIVE_INFINITY],
])("%s in a factor: that module fails with tensor and position, the others are measured", async (_, value) => {
  const folder = temporaryFolder();
  const base = writeCheckpoint(join(folder, "base"));
  // Row 2, column 1 of a (16, 4) factor.
  const tuned = writeAdapter(join(folder, "tuned"), { tensors: spoiled(tinyFactors(), B, 9, value) });
  const document = await analyze(base, tuned);
  const { modules, totals } = firstRun(document);
  const failed = modules.filter(({ status }) => status === "failed");
  expect(failed.map(({ name, error }) => [name, error?.code])).toEqual([[Q, "analysis.not-finite"]]);
  expect(`${failed[0]?.error?.message} ${failed[0]?.error?.where}`).toBe(
    `1 entry is NaN or infinite, the first at row 2, column 1 ${B}`,
  );
  expect(totals).toMatchObject({ modules: 4, failed: 1 });
  const [alert] = document.alerts.filter(({ code }) => code === "adapter.not-finite");
  expect(alert?.message).toContain(`${B}: 1 entry`);
});

test.each([
  ["matrix", "model.embed_tokens.weight", ["embed_tokens"]],
  ["norm", "model.norm.weight", ["model.norm"]],
])("NaN in a %s that is stored in full: the adapter's tensor is named", async (_, name, modules_to_save) => {
  const folder = temporaryFolder();
  const base = writeCheckpoint(join(folder, "base"));
  const key = `base_model.model.${name}`;
  const full = new Map([...tinyFactors(), [key, tinyTensors().get(name) as TensorToWrite]]);
  const config = { modules_to_save };
  const tuned = writeAdapter(join(folder, "tuned"), { config, tensors: spoiled(full, key, 3, Number.NaN) });
  const document = await analyze(base, tuned);
  const [alert, ...others] = document.alerts.filter(({ severity }) => severity === "error");
  expect([alert?.code, alert?.message.startsWith(`${key}: 1 entry`), others]).toEqual(["adapter.not-finite", true, []]);
});

test("NaN in a tuned checkpoint: its tensor is named, and nothing is said of adapters", async () => {
  const folder = temporaryFolder();
  const base = writeCheckpoint(join(folder, "base"));
  const tensors = spoiled(tinyTensors(), `${Q}.weight`, 5, Number.NaN);
  const document = await analyze(base, writeCheckpoint(join(folder, "tuned"), { tensors }));
  const [alert, ...others] = document.alerts.filter(({ severity }) => severity === "error");
  expect([alert?.code, alert?.message.startsWith(`${Q}.weight: 1 entry`), others]).toEqual([
    "analysis.not-finite",
    true,
    [],
  ]);
});

test("NaN in the base: the runs of that module fail, the others are measured", async () => {
  const folder = temporaryFolder();
  const tensors = spoiled(tinyTensors(), `${Q}.weight`, 5, Number.NaN);
  const base = writeCheckpoint(join(folder, "base"), { tensors });
  const document = await analyze(base, writeAdapter(join(folder, "tuned")));
  const failed = firstRun(document).modules.filter(({ status }) => status === "failed");
  expect(failed.map(({ name, error }) => [name, error?.code])).toEqual([[Q, "analysis.not-finite"]]);
  expect(document.alerts.map(({ code }) => code)).toContain("analysis.not-finite");
});

test("an adapter that changes nothing says so, without made-up ranks", async () => {
  const folder = temporaryFolder();
  const base = writeCheckpoint(join(folder, "base"));
  const tuned = writeAdapter(join(folder, "tuned"), { tensors: zeroed(tinyFactors(), "lora_B") });
  const document = await analyze(base, tuned);
  expect(document.alerts.map(({ code }) => code)).toContain("adapter.no-effect");
  for (const { status, delta, intruders } of firstRun(document).modules) {
    expect({ status, frobenius: delta?.frobenius, intruders }).toEqual({
      status: "measured",
      frobenius: 0,
      intruders: 0,
    });
    expect(Object.values(delta?.effectiveRank ?? {}).every((rank) => rank === null)).toBe(true);
  }
});

test.each(
  goldenCases
    .filter(({ alerts }) => alerts?.includes("adapter.no-effect"))
    .map(({ id, base, tuned }) => [id, base, tuned]),
)("golden case %s has no effect", async (_, base, tuned) => {
  const document = await analyze(goldenPath(base), goldenPath(tuned));
  expect(document.alerts.filter(({ code }) => code === "adapter.no-effect")).toHaveLength(1);
});

test("an adapter with an effect is not said to have none", async () => {
  const document = await analyze(goldenPath("bases/qwen2-tied"), goldenPath("adapters/plain"));
  expect(document.alerts).toEqual([]);
});

test("the same checkpoint twice is identical, with nothing above zero", async () => {
  const base = writeCheckpoint(join(temporaryFolder(), "base"));
  const document = await analyze(base, base);
  expect(document.alerts.map(({ code }) => code)).toContain("checkpoint.identical");
  const { totals, modules } = firstRun(document);
  expect(totals).toMatchObject({ deltaFrobenius: 0, relativeDelta: 0, intruders: 0 });
  expect(modules.every(({ rounding }) => rounding === null || rounding.verdict === "identical")).toBe(true);
});

test("a broken run stands beside the others", async () => {
  const folder = temporaryFolder();
  const base = writeCheckpoint(join(folder, "base"));
  const good = writeAdapter(join(folder, "good"));
  const broken = writeAdapter(join(folder, "broken"), { config: { r: 9 } });
  const document = await analyze(base, broken, good);
  expect(document.runs.map(({ label }) => label)).toEqual(["run-1"]);
  expect(document.failures.map(({ label, error }) => [label, error.code])).toEqual([
    ["run-0", "adapter.shape-mismatch"],
  ]);
});
