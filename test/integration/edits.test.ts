/** What the edits write, against dense float64 arithmetic with an SVD of our own; no library of the trade is needed. */
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Arm, type EditSpec, editSpec } from "../../src/contract/domain/edit.ts";
import { materialiseVariant } from "../../src/engine/edit/variant.ts";
import { writeAdapter, writeCheckpoint } from "../builders/checkpoint.ts";
import { denseEdit, normOf, sumOf } from "../builders/dense-edit.ts";
import { denseModules, edit, editServices } from "../builders/edit-bench.ts";
import type { Matrix } from "../builders/evaluate-statement.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { thinSvd } from "../builders/jacobi-svd.ts";
import { normals } from "../builders/random.ts";
import type { TensorToWrite } from "../builders/safetensors.ts";

const folder = temporaryFolder();
const services = editServices();
const arms: readonly Arm[] = ["scale", "step", "shrink", "rescaled", "interpolate", "neighbour"];
/** Wide enough that a random direction is far from every base vector, small enough for a plain SVD. */
const shape = { layers: 2, hidden: 48, intermediate: 56, keyValue: 24, vocabulary: 40, tied: true, biases: true };
/** Float32 of every factor's entries, added up. */
const bound = 1e-6;

const base = join(folder, "base");
const lora = join(folder, "lora");
const full = join(folder, "full");
let count = 0;

/** A strong rank-2 update of every q_proj and up_proj: their top vectors are new. */
function strongFactors(): Map<string, TensorToWrite> {
  const tensors = new Map<string, TensorToWrite>();
  const add = (name: string, rows: number, columns: number, deviation: number) =>
    tensors.set(name, {
      dtype: "F32",
      shape: [rows, columns],
      data: normals(rows * columns, 77 + tensors.size, deviation),
    });
  for (let layer = 0; layer < shape.layers; layer++) {
    for (const [module, rows] of [
      ["self_attn.q_proj", shape.hidden],
      ["mlp.up_proj", shape.intermediate],
    ] as const) {
      const at = `base_model.model.model.layers.${layer}.${module}`;
      add(`${at}.lora_A.weight`, 2, shape.hidden, 0.1);
      add(`${at}.lora_B.weight`, rows, 2, 0.2);
    }
  }
  return tensors;
}

beforeAll(() => {
  writeCheckpoint(base, { shape });
  writeAdapter(lora, {
    tensors: strongFactors(),
    config: { r: 2, lora_alpha: 3, target_modules: ["q_proj", "up_proj"], base_model_name_or_path: "../base" },
  });
});

function out(): string {
  count += 1;
  return join(folder, `out-${count}`);
}

function interventionSpec(tuned: string, change: object, rest: object = {}): EditSpec {
  return editSpec.parse({ edit: "intervene", base, tuned, intervention: change, out: out(), ...rest });
}

/** Largest relative distance of ΔW of any module from what was meant; modules that nothing was meant for are unchanged. */
async function distance(written: string, meant: ReadonlyMap<string, Matrix>): Promise<number> {
  const read = await denseModules(base, written);
  const distances = [...meant].map(([name, delta]) => {
    const module = read.get(name);
    if (!module) return normOf(delta) > 0 ? Number.POSITIVE_INFINITY : 0;
    const found = sumOf([1, module.after], [-1, module.before]);
    const error = normOf(sumOf([1, found], [-1, delta]));
    return error === 0 ? 0 : error / normOf(delta);
  });
  return Math.max(...distances);
}

async function meantBy(tuned: string, change: { arm: Arm; lambda: number; which: "strongest" | "all" }) {
  const modules = await denseModules(base, tuned);
  return new Map(
    [...modules].map(([name, { before, after }]) => {
      const inLayers = name.includes("layers") || change.arm === "interpolate";
      const edited = inLayers ? denseEdit(before, after, { ...change, k: 10, epsilon: 0.5 }) : undefined;
      return [name, edited ?? sumOf([1, after], [-1, before])];
    }),
  );
}

describe("interventions on an adapter", () => {
  test.each(arms.flatMap((arm) => [0, 0.6, 1.4].map((lambda) => ({ arm, lambda }))))(
    "$arm at λ = $lambda is written without loss",
    async ({ arm, lambda }) => {
      const change = { arm, lambda, which: lambda === 0.6 ? ("all" as const) : ("strongest" as const) };
      const spec = interventionSpec(lora, change);
      const { outcome } = await edit(spec, services);
      expect(outcome).toMatchObject({ kind: "adapter", dtype: "F32" });
      expect(outcome.error).toBeLessThan(bound);
      expect(await distance(spec.out, await meantBy(lora, change))).toBeLessThan(bound);
    },
  );

  test("ranks grow by the vectors that were added; a bound brings them back and says what it cost", async () => {
    const change = { arm: "scale" as const, lambda: 0.2, which: "all" as const };
    const { outcome } = await edit(interventionSpec(lora, change), services);
    expect(outcome.modules.map(({ rank }) => rank)).toEqual([4, 4, 4, 4]);
    const short = await edit(interventionSpec(lora, change, { rank: 2 }), services);
    const alert = short.alerts.find(({ code }) => code === "edit.rank-truncated");
    expect(short.outcome.modules.map(({ rank }) => rank)).toEqual([2, 2, 2, 2]);
    const meant = await meantBy(lora, change);
    for (const { module, error, predicted } of short.outcome.modules) {
      const values = thinSvd(meant.get(module) as Matrix).values;
      const left = Math.hypot(...values.slice(2)) / Math.hypot(...values);
      expect(error).toBeCloseTo(left, 6);
      expect(predicted).toBeCloseTo(left, 6);
    }
    expect(alert?.message).toContain("Rank 2");
  });

  test("sizes are those of the edited modules alone, which are told from the ones that stay as trained", async () => {
    const one = "model.layers.0.self_attn.q_proj";
    const spec = interventionSpec(lora, { arm: "scale", lambda: 0.5, which: "strongest", modules: [one] });
    const { arms: sizes, outcome } = await edit(spec, services);
    expect(outcome.modules).toHaveLength(4);
    expect(outcome.edited).toBe(1);
    const { before, after } = (await denseModules(base, spec.out)).get(one) as { before: Matrix; after: Matrix };
    const scale = sizes.find(({ arm }) => arm === "scale");
    expect(scale?.modules).toBe(1);
    expect(scale?.relative).toBeCloseTo(normOf(sumOf([1, after], [-1, before])) / normOf(before), 6);
    const whole = await edit(interventionSpec(lora, { arm: "interpolate", lambda: 0.5 }), services);
    expect(whole.outcome.edited).toBe(4);
    const none = await edit(interventionSpec(lora, { lambda: 1 }), services);
    expect(none.outcome.edited).toBe(0);
  });

  test("the base is found by the adapter's own hint, seen from the new folder too", async () => {
    const spec = editSpec.parse({ edit: "intervene", tuned: lora, intervention: { lambda: 0.5 }, out: out() });
    await edit(spec, services);
    const again = editSpec.parse({ edit: "intervene", tuned: spec.out, intervention: { lambda: 1 }, out: out() });
    const { spec: asked } = await edit(again, services);
    expect(asked.edit === "intervene" && asked.base).toBe(base);
  });
});

describe("interventions on a full checkpoint", () => {
  beforeAll(async () => {
    await edit(editSpec.parse({ edit: "merge", base, tuned: lora, out: full }), services);
  });

  test("the merge that it starts from is base plus ΔW", async () => {
    const meant = [...(await denseModules(base, lora))].map(([name, { before, after }]): [string, Matrix] => [
      name,
      sumOf([1, after], [-1, before]),
    ]);
    expect(await distance(full, new Map(meant))).toBeLessThan(bound);
  });

  test.each(arms)("%s", async (arm) => {
    const change = { arm, lambda: 0.3, which: "strongest" as const };
    const spec = interventionSpec(full, change);
    const { outcome } = await edit(spec, services);
    expect(outcome.kind).toBe("full");
    const meant = [...(await meantBy(full, change))].filter(([, delta]) => normOf(delta) > 0);
    expect(await distance(spec.out, new Map(meant))).toBeLessThan(bound);
  });

  test("extraction finds the LoRA again, and predicts the error of a lower rank", async () => {
    const spec = editSpec.parse({ edit: "extract-lora", base, tuned: full, rank: 2, out: out() });
    const { outcome } = await edit(spec, services);
    expect(outcome.modules.every(({ rank }) => rank === 2)).toBe(true);
    expect(outcome.error).toBeLessThan(bound);
    const short = await edit(editSpec.parse({ ...spec, rank: 1, out: out() }), services);
    for (const { module, error, predicted } of short.outcome.modules) {
      const { before, after } = (await denseModules(base, full)).get(module) as { before: Matrix; after: Matrix };
      const [first = 0, second = 0] = thinSvd(sumOf([1, after], [-1, before])).values;
      expect(error).toBeCloseTo(second / Math.hypot(first, second), 5);
      expect(predicted).toBeCloseTo(second / Math.hypot(first, second), 5);
    }
  });
});

describe("a tied base with another matrix than the adapter was trained on", () => {
  const [vocabulary, hidden, rank] = [shape.vocabulary, shape.hidden, 2];
  const part = (seed: number, ...dims: [number, number]) => normals(dims[0] * dims[1], seed, 0.1);
  const matrix = (data: ArrayLike<number>, ...dims: number[]) => ({ dtype: "F32", shape: dims, data });
  const left = part(5, vocabulary, rank);
  const right = part(6, rank, hidden);
  const [ofEmbedding, ofHead] = [3, 4].map((seed) => part(seed, vocabulary, hidden)) as [Float32Array, Float32Array];
  const factors = new Map([
    ["base_model.model.lm_head.lora_A.weight", matrix(right, rank, hidden)],
    ["base_model.model.lm_head.lora_B.weight", matrix(left, vocabulary, rank)],
  ]);
  const copies = {
    embedding: ["base_model.model.model.embed_tokens.base_layer.weight", matrix(ofEmbedding, vocabulary, hidden)],
    head: ["base_model.model.lm_head.base_layer.weight", matrix(ofHead, vocabulary, hidden)],
  } as const;

  // peft 0.21.2 writes one matrix: the copy that it loaded last, the head's, and the delta on it.
  test.each([
    ["embedding", ofEmbedding, ["embedding"]],
    ["head", ofHead, ["head"]],
    ["head", ofHead, ["embedding", "head"]],
  ] as const)("is merged over the copy of the %s, of those of %j", async (_, start, stored) => {
    const targets = stored.length === 2 ? ["lm_head", "embed_tokens"] : ["lm_head"];
    // Without factors a tied embedding stays unwrapped, and its weight is stored under the plain name.
    const plain = (key: string) =>
      targets.length === 1 ? key.replace("embed_tokens.base_layer", "embed_tokens") : key;
    const tensors = new Map([...factors, ...stored.map((side) => [plain(copies[side][0]), copies[side][1]] as const)]);
    const config = { r: rank, lora_alpha: rank, target_modules: targets };
    const spec = editSpec.parse({
      ...{ edit: "merge", base, dtype: "F32", out: out() },
      tuned: writeAdapter(join(folder, `tied-${stored.join("-")}`), { tensors, config }),
    });
    await edit(spec, services);
    const written = await denseModules(base, spec.out);
    expect(written.has("lm_head")).toBe(false);
    const meant = start.map((value, index) => {
      const [row, column] = [Math.floor(index / hidden), index % hidden];
      const products = Array.from(
        { length: rank },
        (_, k) => (left[row * rank + k] ?? 0) * (right[k * hidden + column] ?? 0),
      );
      return value + products.reduce((sum, product) => sum + product, 0);
    });
    const found = written.get("model.embed_tokens")?.after.data ?? [];
    expect(Math.max(...meant.map((value, index) => Math.abs(value - (found[index] ?? 0))))).toBeLessThan(bound);
  });
});

describe("variants run exactly what was asked", () => {
  const variant = (tuned: string, change?: object) =>
    materialiseVariant({ base, tuned, ...(change && { intervention: interventionOf(change) }) }, services);
  const interventionOf = (change: object) => {
    const spec = interventionSpec(lora, change);
    if (spec.edit !== "intervene") throw new Error("no intervention");
    return spec.intervention;
  };

  test("an adapter is its base with factors; equal questions share them", async () => {
    const plain = await variant(lora);
    expect(plain).toMatchObject({ model: base, merged: undefined });
    const trained = await variant(lora, { lambda: 1 });
    expect(trained).toMatchObject({ fingerprint: plain.fingerprint, factors: plain.factors });
    const edited = await variant(lora, { lambda: 0.5 });
    expect(edited.fingerprint).not.toBe(plain.fingerprint);
    expect(await variant(lora, { lambda: 0.5, which: "strongest" })).toMatchObject({ factors: edited.factors });
  });

  test("a full checkpoint takes vectors as factors, and is merged where all of ΔW shrinks", async () => {
    const scaled = await variant(full, { lambda: 0.5 });
    expect(scaled).toMatchObject({ model: full, merged: undefined });
    expect(scaled.factors).toBeDefined();
    const shrunk = await variant(full, { lambda: 0.5, arm: "step" });
    expect(shrunk.merged).toContain("whole matrices");
    expect(shrunk.alerts.map(({ code }) => code)).toContain("evaluation.merged-first");
    const meant = [...(await meantBy(full, { arm: "step", lambda: 0.5, which: "strongest" }))];
    expect(await distance(shrunk.model, new Map(meant.filter(([, delta]) => normOf(delta) > 0)))).toBeLessThan(bound);
  });

  test("interpolated to nothing an adapter is its base", async () => {
    expect(await variant(lora, { arm: "interpolate", lambda: 0 })).toMatchObject({ model: base, factors: undefined });
  });

  test("the base alone, and a full checkpoint alone, are what is on disk", async () => {
    const alone = await materialiseVariant({ base: full }, services);
    expect(alone).toMatchObject({ model: full, factors: undefined, merged: undefined });
    expect((await variant(full)).fingerprint).toBe(alone.fingerprint);
  });
});
