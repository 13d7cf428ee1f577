import { describe, expect, test } from "vitest";
import type { DeltaScopeError } from "../../contract/errors.ts";
import { pairCheckpoints } from "./pair-checkpoints.ts";
import { type Sketch, sketchCheckpoint } from "./test-checkpoint.ts";

const EMBEDDING = "model.embed_tokens.weight";
const HEAD = "lm_head.weight";
const Q = "model.layers.0.self_attn.q_proj.weight";

function pairs(base: Sketch, tuned: Sketch) {
  return pairCheckpoints(sketchCheckpoint(base), sketchCheckpoint({ location: "/models/two", ...tuned }));
}

function codes(result: Awaited<ReturnType<typeof pairs>>): string[] {
  return result.alerts.map(({ code }) => code).sort();
}

async function thrown(run: () => Promise<unknown>): Promise<DeltaScopeError> {
  try {
    await run();
  } catch (error) {
    return error as DeltaScopeError;
  }
  throw new Error("nothing was thrown");
}

describe("tensors of the same name", () => {
  test("matrices replace, vectors are sizes only, biases keep their name", async () => {
    const tensors = {
      [EMBEDDING]: [8, 4],
      [HEAD]: [8, 4],
      [Q]: [4, 4],
      "model.layers.0.self_attn.q_proj.bias": [4],
      "model.norm.weight": [4],
    };
    const result = await pairs({ tensors }, { tensors });
    expect(result.matrices.map(({ name, shape }) => [name, shape])).toEqual([
      ["model.embed_tokens", [8, 4]],
      ["model.layers.0.self_attn.q_proj", [4, 4]],
      ["lm_head", [8, 4]],
    ]);
    expect(result.matrices[1]?.delta).toEqual({
      replacement: { tensor: expect.objectContaining({ path: "/models/two/model.safetensors" }) },
    });
    expect(result.vectors.map(({ name, length, mode }) => [name, length, mode])).toEqual([
      ["model.layers.0.self_attn.q_proj.bias", 4, "replace"],
      ["model.norm", 4, "replace"],
    ]);
    expect(result.unpaired).toEqual([]);
    expect(result.alerts).toEqual([]);
  });

  test("tensors on one side only are listed and counted", async () => {
    const inverse = "model.layers.0.self_attn.rotary_emb.inv_freq";
    const result = await pairs(
      { architecture: "Qwen2Model", tensors: { [Q]: [4, 4], a: [1], b: [1], c: [1], d: [1] } },
      { architecture: "Qwen2Model", tensors: { [Q]: [4, 4], [inverse]: [2] } },
    );
    expect(result.unpaired).toContainEqual({ name: inverse, reason: "extra" });
    expect(result.unpaired.filter(({ reason }) => reason === "missing").map(({ name }) => name)).toEqual([
      "a",
      "b",
      "c",
      "d",
    ]);
    expect(codes(result)).toEqual(["pairing.extra", "pairing.missing"]);
    expect(result.alerts.find(({ code }) => code === "pairing.missing")?.message).toContain("4 tensors (a, b, c, …)");
  });

  test("another shape is refused with tensor and both shapes", async () => {
    const error = await thrown(() => pairs({ tensors: { [Q]: [4, 6] } }, { tensors: { [Q]: [4, 4] } }));
    expect(error.code).toBe("pairing.shape-mismatch");
    expect(error.message).toMatch(/q_proj\.weight is \[4, 4\].*\[4, 6\] in the base/);
  });

  test("a vector against a matrix is a difference of shape", async () => {
    expect((await thrown(() => pairs({ tensors: { [Q]: [16] } }, { tensors: { [Q]: [4, 4] } }))).code).toBe(
      "pairing.shape-mismatch",
    );
  });

  test("types without weights and empty tensors are listed, not compared", async () => {
    const mask = { shape: [4, 4], dtype: "I64" };
    const result = await pairs({ tensors: { [Q]: [4, 4], mask, none: [0, 4] } }, { tensors: { [Q]: [4, 4], mask } });
    expect(result.matrices).toHaveLength(1);
    expect(result.unpaired.map(({ name, reason }) => [name, reason])).toEqual([
      ["none", "shape"],
      ["mask", "dtype"],
    ]);
  });
});

describe("checkpoints as wholes", () => {
  test("rounding to a shorter type names its floor; widening adds nothing", async () => {
    const down = await pairs({ dtype: "F32", tensors: { [Q]: [4, 4] } }, { dtype: "BF16", tensors: { [Q]: [4, 4] } });
    expect(down.alerts[0]).toMatchObject({ code: "checkpoint.dtype-differs", severity: "warning" });
    expect(down.alerts[0]?.message).toContain("‖Δ‖/‖W‖ ≈ 0.0017");
    const half = await pairs({ dtype: "F32", tensors: { [Q]: [4, 4] } }, { dtype: "F16", tensors: { [Q]: [4, 4] } });
    expect(half.alerts[0]?.message).toContain("≈ 0.00021");
    const up = await pairs({ dtype: "BF16", tensors: { [Q]: [4, 4] } }, { dtype: "F32", tensors: { [Q]: [4, 4] } });
    expect(up.alerts[0]).toMatchObject({ code: "checkpoint.dtype-differs", severity: "info" });
    expect(up.alerts[0]?.message).toContain("adds nothing");
  });

  test("equal fingerprints and different architectures are said", async () => {
    const result = await pairs(
      { fingerprint: "f", tensors: { [Q]: [4, 4] } },
      { fingerprint: "f", architecture: "Qwen3ForCausalLM", tensors: { [Q]: [4, 4] } },
    );
    expect(codes(result)).toEqual(["checkpoint.architecture-differs", "checkpoint.identical"]);
  });
});

describe("vocabulary", () => {
  test.each([
    [10, 8, "model.embed_tokens[8:10]", "missing"],
    [8, 10, "model.embed_tokens[8:10]", "extra"],
  ])("base %i rows, tuned %i: common rows", async (rows, tunedRows, name, reason) => {
    const result = await pairs(
      { tied: true, tensors: { [EMBEDDING]: [rows, 4] } },
      { tied: true, tensors: { [EMBEDDING]: [tunedRows, 4] } },
    );
    expect(result.matrices[0]).toMatchObject({
      shape: [8, 4],
      base: { rows: { start: 0, count: 8, step: 1 } },
      delta: { replacement: { rows: { start: 0, count: 8, step: 1 } } },
    });
    expect(result.unpaired).toContainEqual({ name, reason, detail: "2 rows without a partner" });
    expect(codes(result)).toEqual(["pairing.vocabulary"]);
  });

  test("another width is refused", async () => {
    expect(
      (await thrown(() => pairs({ tensors: { [EMBEDDING]: [8, 4] } }, { tensors: { [EMBEDDING]: [8, 6] } }))).code,
    ).toBe("pairing.shape-mismatch");
  });
});

describe("output head", () => {
  const tiedSide = { tied: true, tensors: { [EMBEDDING]: [8, 4] } };
  const storedSide = { tied: false, tensors: { [EMBEDDING]: [8, 4], [HEAD]: [8, 4] } };
  const looseSide = { tied: false, tensors: { [EMBEDDING]: [8, 4] } };

  test("tied on both sides is one matrix", async () => {
    const result = await pairs(tiedSide, tiedSide);
    expect(result.matrices.map(({ name }) => name)).toEqual(["model.embed_tokens"]);
    expect(result.unpaired.map(({ name, reason }) => [name, reason])).toEqual([["lm_head", "tied"]]);
    expect(result.alerts).toEqual([]);
  });

  test("base stored, tuned tied: the tuned head is its embedding", async () => {
    const result = await pairs(storedSide, tiedSide);
    const head = result.matrices.find(({ name }) => name === "lm_head");
    expect(head?.delta.replacement?.tensor).toMatchObject({ name: EMBEDDING });
    expect(head?.base?.tensor).toMatchObject({ name: HEAD });
    expect(codes(result)).toEqual(["checkpoint.head-tied"]);
  });

  test("base tied, tuned stored: the base head is its embedding", async () => {
    const result = await pairs(tiedSide, storedSide);
    const head = result.matrices.find(({ name }) => name === "lm_head");
    expect(head?.base?.tensor).toMatchObject({ name: EMBEDDING });
    expect(head?.delta.replacement?.tensor).toMatchObject({ name: HEAD });
    expect(codes(result)).toEqual(["checkpoint.head-untied"]);
  });

  test.each([
    [looseSide, storedSide],
    [storedSide, looseSide],
    [tiedSide, looseSide],
    [looseSide, looseSide],
  ])("no head and no tie: nothing is said about it", async (base, tuned) => {
    const result = await pairs(base, tuned);
    expect(result.matrices.map(({ name }) => name)).toEqual(["model.embed_tokens"]);
    expect(result.unpaired).toEqual([{ name: "lm_head", reason: "unknown-head" }]);
    expect(new Set(codes(result))).toEqual(new Set(["checkpoint.head-missing"]));
  });

  test("models without a head are not missing one", async () => {
    const side = { ...looseSide, architecture: "Qwen2Model" };
    expect((await pairs(side, side)).alerts).toEqual([]);
  });
});

describe("experts", () => {
  const prefix = "model.layers.1.mlp.experts";
  const stacked = { [`${prefix}.gate_up_proj`]: [2, 6, 4], [`${prefix}.down_proj`]: [2, 4, 3] };
  const single = Object.fromEntries(
    [0, 1].flatMap((expert) => [
      [`${prefix}.${expert}.gate_proj.weight`, [3, 4]],
      [`${prefix}.${expert}.up_proj.weight`, [3, 4]],
      [`${prefix}.${expert}.down_proj.weight`, [4, 3]],
    ]),
  );

  test("stacked on both sides is a batch of matrices under the names of single experts", async () => {
    const result = await pairs({ tensors: stacked }, { tensors: stacked });
    expect(result.matrices.map(({ name, shape, base }) => [name, shape, base?.offset])).toEqual([
      [`${prefix}.0.gate_proj`, [3, 4], 0],
      [`${prefix}.0.up_proj`, [3, 4], 12],
      [`${prefix}.1.gate_proj`, [3, 4], 24],
      [`${prefix}.1.up_proj`, [3, 4], 36],
      [`${prefix}.0.down_proj`, [4, 3], 0],
      [`${prefix}.1.down_proj`, [4, 3], 12],
    ]);
    expect(result.matrices[3]?.role).toMatchObject({ layer: 1, kind: "up_proj", expert: 1 });
  });

  test.each([
    ["base stacked", stacked, single],
    ["tuned stacked", single, stacked],
  ])("%s, the other side one tensor per expert: gate rows first, then up", async (_, base, tuned) => {
    const result = await pairs({ tensors: base }, { tensors: tuned });
    expect(result.unpaired).toEqual([]);
    expect(result.matrices).toHaveLength(6);
    const up = result.matrices.find(({ name }) => name === `${prefix}.1.up_proj`);
    const view = base === stacked ? up?.base : up?.delta.replacement;
    expect(view).toMatchObject({ offset: 36, shape: [3, 4] });
  });

  test("a gate_up_proj stored the other way round stays whole", async () => {
    const transposed = { [`${prefix}.gate_up_proj`]: [2, 4, 6], [`${prefix}.down_proj`]: [2, 3, 4] };
    const { matrices } = await pairs({ tensors: transposed }, { tensors: transposed });
    const names = matrices.map(({ name }) => name);
    expect(names.filter((name) => name.includes("gate"))).toEqual([
      `${prefix}.0.gate_up_proj`,
      `${prefix}.1.gate_up_proj`,
    ]);
  });

  test("an absurd number of experts is not expanded", async () => {
    const side = { tensors: { [Q]: [4, 4], [`${prefix}.w1`]: [1_000_000, 1, 1] } };
    const result = await pairs(side, side);
    expect(result.matrices).toHaveLength(1);
    expect(result.unpaired[0]).toMatchObject({ name: `${prefix}.w1`, reason: "shape" });
  });

  test("convolutions are flattened to rows × the rest", async () => {
    const side = { tensors: { "visual.patch_embed.proj.weight": [8, 3, 2, 2, 2] } };
    expect((await pairs(side, side)).matrices[0]?.shape).toEqual([8, 24]);
  });
});
