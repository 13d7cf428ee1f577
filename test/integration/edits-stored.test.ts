/** Interventions on stored runs, against dense SVDs of the demo's own matrices. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AnalysisSpec } from "../../src/contract/domain/analysis.ts";
import type { Arm, EditGeometry } from "../../src/contract/domain/edit.ts";
import { armOutcomeOf } from "../../src/contract/intervention.ts";
import { runAnalysis } from "../../src/engine/analysis/run.ts";
import { storedArms, storedGeometry } from "../../src/engine/edit/stored-run.ts";
import { openStore } from "../../src/engine/store/open-store.ts";
import type { AnalysisRecord, Store } from "../../src/engine/store/types.ts";
import { denseEdit, normOf, sumOf } from "../builders/dense-edit.ts";
import { denseModules, editServices } from "../builders/edit-bench.ts";
import type { Matrix } from "../builders/evaluate-statement.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { bestCosines, columnsOf, dot, thinSvd } from "../builders/jacobi-svd.ts";

const demo = (name: string): string => join(import.meta.dirname, "../../demo", name);
const services = editServices();
const modules = ["model.layers.0.self_attn.q_proj", "model.layers.3.self_attn.o_proj"];
const [k, epsilon] = [10, 0.5];

let store: Store;
let record: AnalysisRecord;
const dense = new Map<string, { before: Matrix; after: Matrix }>();

beforeAll(async () => {
  store = await openStore(join(temporaryFolder(), "workspace.duckdb"));
  services.store = store;
  const settings = { k, epsilon, side: "left", quick: false, exact: false, asMerged: false, seed: 0 } as const;
  const spec: AnalysisSpec = {
    base: demo("base"),
    tuned: [{ label: "r1", path: demo("lora-r1") }],
    settings,
    embeddings: false,
  };
  for await (const _event of runAnalysis(spec, { backend: services.backend, store })) {
    // The store is what counts.
  }
  const [summary] = await store.analyses();
  record = (await store.analysis(summary?.id ?? "")) as AnalysisRecord;
  for (const [name, module] of await denseModules(demo("base"), demo("lora-r1")))
    if (modules.includes(name)) dense.set(name, module);
}, 120_000);

afterAll(() => store.close());

test("geometry of all modules with intruders, each with vectors below the tested ones", {
  timeout: 120_000,
}, async () => {
  const stored = await store.modules(record.id);
  const withIntruders = stored.filter(({ intruders }) => (intruders ?? 0) > 0);
  const geometries = await storedGeometry(record, undefined, services);
  expect(geometries.map(({ module }) => module).sort()).toEqual(withIntruders.map(({ name }) => name).sort());
  for (const { module, vectors } of geometries) {
    const found = withIntruders.find(({ name }) => name === module);
    expect(vectors).toHaveLength(k + (found?.intruders ?? 0));
    expect(vectors.slice(0, k).map(({ intruder }) => intruder)).toEqual(
      found?.vectors?.map(({ intruder }) => intruder),
    );
  }
});

test("numbers are those of a dense SVD", { timeout: 120_000 }, async () => {
  for (const geometry of await storedGeometry(record, modules, services)) expectDense(geometry);
});

function expectDense({ module, vectors, deltaFrobenius, baseFrobenius }: EditGeometry): void {
  const { before, after } = dense.get(module) as { before: Matrix; after: Matrix };
  const delta = sumOf([1, after], [-1, before]);
  const { left, values, right } = thinSvd(after);
  const cosines = bestCosines(thinSvd(before).left, left, vectors.length);
  expect(deltaFrobenius / normOf(delta)).toBeCloseTo(1, 9);
  expect(baseFrobenius / normOf(before)).toBeCloseTo(1, 9);
  for (const { index, singularValue, deltaOverlap, intruder } of vectors) {
    expect(singularValue / (values[index] as number)).toBeCloseTo(1, 9);
    const image = times(delta, columnsOf(right)[index] as Float64Array);
    const overlap = dot(columnsOf(left)[index] as Float64Array, image);
    expect(Math.abs(deltaOverlap - overlap)).toBeLessThan(1e-7 * normOf(delta));
    expect(intruder).toBe((cosines[index] as number) < epsilon);
  }
}

function times({ rows, columns, data }: Matrix, vector: Float64Array): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => dot(data.slice(row * columns, (row + 1) * columns), vector));
}

test("arms leave as many intruders as a dense SVD of the edited matrix has", { timeout: 240_000 }, async () => {
  const arms: readonly Arm[] = ["scale", "step", "shrink", "rescaled", "interpolate", "neighbour"];
  const intervention = { lambda: 0.4, which: "strongest" as const, k, epsilon, modules };
  const outcomes = await storedArms(record, intervention, arms, services);
  for (const { arm, intruders, relative, ...rest } of outcomes) {
    const edited = [...dense].map(([, { before, after }]) => {
      const delta = denseEdit(before, after, { ...intervention, arm }) as Matrix;
      return { before, delta, after: sumOf([1, before], [1, delta]) };
    });
    const size =
      Math.hypot(...edited.map(({ delta }) => normOf(delta))) /
      Math.hypot(...edited.map(({ before }) => normOf(before)));
    const left = edited.map(
      ({ before, after }) =>
        bestCosines(thinSvd(before).left, thinSvd(after).left, k).filter((cosine) => cosine < epsilon).length,
    );
    expect({ arm, intruders, ...rest }).toMatchObject({
      arm,
      intruders: left.reduce((sum, one) => sum + one, 0),
      modules: 2,
      vectors: 2,
    });
    expect(relative / size).toBeCloseTo(1, 7);
  }
  const geometries = await storedGeometry(record, modules, services);
  const closed = armOutcomeOf(geometries, { ...intervention, arm: "scale" });
  expect(closed.intruders).toBe(outcomes[0]?.intruders);
});

test("a run whose files changed since is refused", async () => {
  const other = { ...record, fingerprint: "0".repeat(64) };
  await expect(storedGeometry(other, modules, services)).rejects.toMatchObject({ code: "source.changed" });
  await expect(storedGeometry(record, ["model.nope"], services)).rejects.toMatchObject({ code: "run.not-found" });
});
