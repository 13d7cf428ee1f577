/** Families that change norms and biases: analysed without a matrix, and edited like everything else. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { type AnalysisDocument, analysisSpec } from "../../src/contract/domain/analysis.ts";
import { editSpec } from "../../src/contract/domain/edit.ts";
import { toDeltaScopeError } from "../../src/contract/errors.ts";
import { open } from "../../src/engine/checkpoint/open.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { openNativeBackend } from "../../src/engine/linalg/native-backend.ts";
import { pair } from "../../src/engine/pairing/pair.ts";
import { edit, editServices } from "../builders/edit-bench.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { goldenPath } from "./golden-truth.ts";

const backend = openNativeBackend(1);

function adapter(id: string): string {
  return join(import.meta.dirname, "../golden/breadth/adapters", id);
}

interface Analysed extends AnalysisDocument {
  /** Sentences over the stored run, as the app asks for them. */
  inApp: string[];
}

async function analyze(base: string, id: string, filter: { modules?: string } = {}): Promise<Analysed> {
  const engine = openEngine({ workspace: temporaryFolder("workspace"), threads: 1 });
  try {
    const tuned = [{ label: id, path: adapter(id) }];
    const spec = analysisSpec.parse({ base: goldenPath(`bases/${base}`), tuned, settings: {}, threads: 1, ...filter });
    let analysis = "";
    for await (const event of await engine.client.analysis.run(spec)) {
      if (event.type === "finished") analysis = event.analysis;
    }
    const stored = (await engine.client.runs.all()).map((run) => run.id);
    const inApp = (await engine.client.runs.findings({ runs: stored })).map(({ text }) => text);
    return { ...(await engine.client.analysis.document({ analysis })), inApp };
  } finally {
    await engine.close();
  }
}

test.each([
  ["beft-1", "qwen2-tied", 2],
  ["ln-tuning-2", "qwen3-bf16", 5],
])("%s changes no matrix and is analysed all the same", async (id, base, count) => {
  const { runs, findings, inApp } = await analyze(base, id);
  expect(runs).toMatchObject([{ modules: [], totals: { modules: 0, relativeDelta: null } }]);
  expect(runs[0]?.vectors.map(({ frobenius }) => frobenius > 0)).toEqual(new Array(count).fill(true));
  expect(findings.map((finding) => finding.id)).toEqual(["vectors", "old-tasks"]);
  expect(inApp).toContain(findings[0]?.text);
});

test("a filter asks for matrices, and finds none", async () => {
  const refusal = await analyze("qwen2-tied", "beft-1", { modules: "v_proj" }).catch(toDeltaScopeError);
  expect(refusal).toMatchObject({ code: "analysis.no-modules" });
});

/** ‖Δ‖ of every norm and bias of a checkpoint or adapter. */
async function sizes(base: string, tuned: string): Promise<Map<string, number>> {
  const { vectors } = await pair(await open(base), await open(tuned));
  const measured = vectors.map(
    async (found): Promise<[string, number]> => [found.name, (await backend.vectorDelta(found)).deltaFrobenius],
  );
  return new Map(await Promise.all(measured));
}

test.each([
  ["ia3-5", "qwen2-tied"],
  ["road-4", "qwen2-tied"],
  ["glora-1", "qwen2-tied"],
  ["beft-1", "qwen2-tied"],
])("%s half way to the base: its biases too", async (id, name) => {
  const [base, out] = [goldenPath(`bases/${name}`), join(temporaryFolder(), id)];
  const intervention = { arm: "interpolate", lambda: 0.5 };
  const half = { edit: "intervene", intervention, base, tuned: adapter(id), out, dtype: "F32" };
  await edit(editSpec.parse(half), editServices());
  const [whole, found] = [await sizes(base, adapter(id)), await sizes(base, out)];
  expect(whole.size).toBeGreaterThan(0);
  for (const [bias, size] of whole) expect((found.get(bias) ?? 0) / size).toBeCloseTo(0.5, 5);
});
