import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AnalysisSpec, analysisSettings } from "../../src/contract/domain/analysis.ts";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { tinyTensors, writeCheckpoint } from "../builders/checkpoint.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { columnsOf, dot, thinSvd } from "../builders/jacobi-svd.ts";
import { normals } from "../builders/random.ts";
import { failureOf, jobEnd } from "../contract/harness.ts";

const name = "model.layers.0.mlp.gate_proj";
const [rows, columns] = [24, 16];
const folder = temporaryFolder("exact view");
const before = tinyTensors({}, 1);
const after = tinyTensors({}, 2);
let engine: Engine;
let run: string;

beforeAll(async () => {
  engine = openEngine({ workspace: join(folder, "workspace") });
  const base = writeCheckpoint(join(folder, "base"), { tensors: before });
  const path = writeCheckpoint(join(folder, "tuned"), { tensors: after });
  const settings = analysisSettings.parse({});
  const spec: AnalysisSpec = { base, tuned: [{ label: "tuned", path }], settings, embeddings: false };
  const { id } = await engine.client.jobs.start({ kind: "analysis", spec });
  expect((await jobEnd(engine.client, id)).state).toBe("finished");
  run = (await engine.client.runs.all())[0]?.id ?? "";
});
afterAll(() => engine.close());

function svdOf(tensors: typeof before) {
  const values = tensors.get(`${name}.weight`)?.data;
  return thinSvd({ rows, columns, data: Float64Array.from(values as Float32Array) });
}

test.each(["left", "right"] as const)("the %s map is what a plain Jacobi SVD gives", async (side) => {
  const map = await engine.client.inspector.compute({ run, name, side });
  const [base, tuned] = [svdOf(before), svdOf(after)];
  expect([map.rows, map.columns]).toEqual([columns, columns]);
  const baseVectors = columnsOf(base[side]);
  const bytes = Buffer.from(map.cosines, "base64");
  for (const [row, vector] of columnsOf(tuned[side]).entries()) {
    expect(map.base[row]).toBeCloseTo(base.values[row] ?? 0, 6);
    expect(map.tuned[row]).toBeCloseTo(tuned.values[row] ?? 0, 6);
    const cosines = baseVectors.map((other) => Math.abs(dot(vector, other)));
    for (const [column, cosine] of cosines.entries()) {
      expect(bytes.readFloatLE((row * columns + column) * 4)).toBeCloseTo(cosine, 4);
    }
    expect(map.best[row]).toBeCloseTo(Math.max(...cosines), 4);
  }
});

test("unknown modules are named; a cancel before the start is a cancel", async () => {
  const unknown = engine.client.inspector.compute({ run, name: "model.layers.9.mlp.up_proj", side: "left" });
  expect(await failureOf(unknown)).toMatchObject({ code: "run.not-found" });
  const question = { run, name: "model.layers.1.mlp.up_proj", side: "left" as const };
  const cancelled = engine.client.inspector.compute(question, { signal: AbortSignal.abort() });
  expect(await failureOf(cancelled)).toMatchObject({ code: "job.cancelled" });
  expect(await engine.client.inspector.stored(question)).toBeNull();
});

test("weights that changed since the analysis are refused", async () => {
  const data = normals(rows * columns, 99);
  const tensors = new Map(after).set(`${name}.weight`, { dtype: "F32", shape: [rows, columns], data });
  writeCheckpoint(join(folder, "tuned"), { tensors });
  const failure = await failureOf(
    engine.client.inspector.compute({ run, name: "model.layers.1.mlp.up_proj", side: "left" }),
  );
  expect(failure).toMatchObject({ code: "source.changed", where: join(folder, "tuned") });
  expect(failure.message).toContain("Analyse it again");
});
