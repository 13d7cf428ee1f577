import { describe, expect, test } from "vitest";
import { BASE, codesOf, ON_Q, P, Q0, Q1, read, refusalOf, V0 } from "../../../../test/builders/adapter-reading.ts";
import type { Shapes } from "../../../../test/builders/headers.ts";

const LAYER_0 = { ...ON_Q, layers_to_transform: [0] };
const NORM = "model.layers.0.input_layernorm";

/** Tensors of q_proj in layer 0. */
function ofQ(tensors: Shapes): Shapes {
  return Object.fromEntries(Object.entries(tensors).map(([name, shape]) => [`${P}${Q0}.${name}`, shape]));
}

type Case = [string, Record<string, unknown>, Shapes, string, string];

const GLORA = {
  ...LAYER_0,
  peft_type: "GLORA",
  r: 2,
  config_A_B: "vector",
  config_C: "vector",
  config_D_E: "constant",
};
const GLORA_TENSORS: Shapes = ofQ({
  "glora_A.X": [8, 1],
  "glora_B.X": [8, 1],
  "glora_C.X": [8, 1],
  "glora_D.X": [1],
  "glora_E.X": [1],
});
const DEFT = { ...LAYER_0, peft_type: "DEFT", r: 2 };
const DEFT_TENSORS = ofQ({ deft_P: [8, 2], deft_R: [2, 8] });
const OSF = { ...LAYER_0, peft_type: "OSF", effective_rank: 6 };
const osf = (rank: number): Shapes =>
  ofQ({ "osf_svd_params.U_low": [8, rank], "osf_svd_params.S_low": [rank], "osf_svd_params.V_low": [rank, 8] });
const PEANUT = { ...LAYER_0, peft_type: "PEANUT", r: 2 };
const PEANUT_TENSORS = ofQ({ "peanut_A.weight": [2, 8], "peanut_B.weight": [8, 2] });
const FROD = { ...LAYER_0, peft_type: "FROD" };
const FROD_TENSORS: Shapes = {
  ...ofQ({ frod_lambda_l: [8], frod_lambda_s_values: [3] }),
  "base_model.frod_V.self_attn_q_proj": [8, 8],
  "base_model.frod_s_indices.self_attn_q_proj": [2, 3],
  "base_model.frod_s_size.self_attn_q_proj": [2],
};
const TOKENS = { peft_type: "TRAINABLE_TOKENS", target_modules: ["embed_tokens"], token_indices: [1, 3] };
const ROWS: Shapes = { [`${P}model.embed_tokens.trainable_tokens_delta`]: [2, 8] };

function without(tensors: Shapes, part: string): Shapes {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.endsWith(part)));
}

describe("families over the base", () => {
  test.each<[Record<string, unknown>, Shapes, string]>([
    [GLORA, GLORA_TENSORS, "affine"],
    [DEFT, DEFT_TENSORS, "projection"],
    [{ ...DEFT, para: true }, without(DEFT_TENSORS, "deft_R"), "projection"],
    [OSF, osf(2), "taken"],
    [{ ...OSF, effective_rank: null }, osf(4), "taken"],
    [{ ...OSF, effective_rank: 0.9 }, osf(1), "taken"],
    [{ ...OSF, effective_rank: 1 }, osf(7), "taken"],
    [{ ...OSF, rank_pattern: { q: 3 } }, osf(5), "taken"],
    [PEANUT, PEANUT_TENSORS, "network"],
    [FROD, FROD_TENSORS, "joint"],
    [FROD, { ...FROD_TENSORS, [`${P}${Q0}.frod_lambda_s_values`]: [0] }, "joint"],
  ])("%j: %j is %s", (config, tensors, kind) => {
    const { matrices, alerts } = read(config, tensors);
    expect(matrices).toMatchObject([{ name: Q0, delta: { formula: { kind, shape: [8, 8] } } }]);
    expect(alerts).toEqual([]);
  });

  test.each<Case>([
    ["another form", { ...GLORA, config_A_B: "lora" }, GLORA_TENSORS, "adapter.tensor-missing", "has no glora_A.Xd"],
    ["no such form", { ...GLORA, config_C: "constant" }, GLORA_TENSORS, "adapter.config-invalid", "`config_C`"],
    [
      "a broad vector",
      GLORA,
      { ...GLORA_TENSORS, ...ofQ({ "glora_B.X": [8, 2] }) },
      "adapter.shape-mismatch",
      "(8, 1)",
    ],
    ["another rank", { ...DEFT, r: 3 }, DEFT_TENSORS, "adapter.shape-mismatch", "deft_P is (8, 2)"],
    ["no R", DEFT, without(DEFT_TENSORS, "deft_R"), "adapter.tensor-missing", "has no deft_R"],
    ["no such method", { ...DEFT, decomposition_method: "svd" }, DEFT_TENSORS, "adapter.config-invalid", "relu or qr"],
    ["an alpha in words", { ...DEFT, alpha: "8" }, DEFT_TENSORS, "adapter.config-invalid", "`alpha`"],
    ["another rank", OSF, osf(3), "adapter.shape-mismatch", "leaves 5 of 8 directions"],
    ["nothing left", { ...OSF, rank_pattern: { q: 3 } }, osf(8), "adapter.shape-mismatch", "leaves 0 of 8"],
    ["no values", OSF, without(osf(2), "S_low"), "adapter.tensor-missing", "S_low"],
    ["another activation", { ...PEANUT, act_fn: "gelu_new" }, PEANUT_TENSORS, "adapter.unsupported", "gelu_new"],
    ["a depth without layers", { ...PEANUT, depth: 1 }, PEANUT_TENSORS, "adapter.tensor-missing", "peanut_encoders.0"],
    ["a huge depth", { ...PEANUT, depth: 1e9 }, PEANUT_TENSORS, "adapter.config-invalid", "`depth`"],
    [
      "projections not saved",
      { ...FROD, save_projection: false },
      FROD_TENSORS,
      "adapter.projection-not-saved",
      "FROD",
    ],
    ["no projection", FROD, without(FROD_TENSORS, "frod_V.self_attn_q_proj"), "adapter.projection-not-saved", "frod_V"],
    [
      "fewer places",
      FROD,
      { ...FROD_TENSORS, "base_model.frod_s_indices.self_attn_q_proj": [2, 2] },
      "adapter.shape-mismatch",
      "(2, 3)",
    ],
    ["negative rows", { ...TOKENS, token_indices: [-1] }, ROWS, "adapter.config-invalid", "`token_indices`"],
    ["a row twice", { ...TOKENS, token_indices: [1, 1] }, ROWS, "adapter.config-invalid", "different token numbers"],
    [
      "a row outside",
      { ...TOKENS, token_indices: [1, 99] },
      ROWS,
      "adapter.config-invalid",
      "`token_indices` holds 99",
    ],
    ["fewer rows", { ...TOKENS, token_indices: [1] }, ROWS, "adapter.shape-mismatch", "1 rows of 8 values"],
    [
      "rows of a linear layer",
      { ...TOKENS, ...ON_Q },
      { [`${P}${Q0}.trainable_tokens_delta`]: [2, 8] },
      "adapter.unsupported",
      Q0,
    ],
    [
      "no target",
      { peft_type: "LN_TUNING", target_modules: ["no_norm"] },
      { [`${P}${NORM}.ln_tuning_layers.weight`]: [8] },
      "adapter.config-invalid",
      "matches none",
    ],
    [
      "another length",
      { peft_type: "LN_TUNING", target_modules: ["input_layernorm"] },
      { [`${P}${NORM}.ln_tuning_layers.weight`]: [9] },
      "adapter.shape-mismatch",
      "[9]",
    ],
    [
      "a longer bias",
      { ...LAYER_0, peft_type: "BEFT" },
      ofQ({ beft_bias: [1, 9] }),
      "adapter.shape-mismatch",
      "(1, 8)",
    ],
  ])("%s: %j is refused", (_, config, tensors, code, words) => {
    const refusal = refusalOf(config, tensors);
    expect(refusal.code).toBe(code);
    expect(refusal.message).toContain(words);
  });
});

describe("norms, biases and rows", () => {
  test("LN tuning replaces norms, and linear layers with their biases", () => {
    const tensors = {
      [`${P}${NORM}.ln_tuning_layers.weight`]: [8],
      ...ofQ({ "ln_tuning_layers.weight": [8, 8], "ln_tuning_layers.bias": [8] }),
    };
    const config = { peft_type: "LN_TUNING", target_modules: ["input_layernorm", "q_proj"] };
    const { matrices, vectors, unpaired, alerts } = read(config, tensors);
    expect(matrices).toMatchObject([{ name: Q0, delta: { replacement: {} } }]);
    expect(vectors.map(({ name, mode }) => [name, mode])).toEqual([
      [`${Q0}.bias`, "replace"],
      [NORM, "replace"],
    ]);
    expect(alerts.map(({ code }) => code)).toEqual(["adapter.tensors-missing"]);
    expect(unpaired.map(({ name }) => name)).toContain(Q1);
  });

  test("LN tuning of a tied embedding changes one side", () => {
    const at = `${P}model.embed_tokens`;
    const tensors = { [`${at}.ln_tuning_layers.weight`]: [20, 8], [`${at}.base_layer.weight`]: [20, 8] };
    const config = { peft_type: "LN_TUNING", target_modules: ["embed_tokens"] };
    const { matrices, alerts } = read(config, tensors, BASE, { tied: true });
    expect(matrices).toMatchObject([{ name: "model.embed_tokens", delta: { replacement: {} } }]);
    expect(alerts).toMatchObject([{ code: "adapter.tied-embeddings" }]);
    expect(alerts[0]?.message).toContain("untie");
  });

  test("BEFT needs a bias only to be merged", () => {
    const onO = { peft_type: "BEFT", target_modules: ["o_proj"] };
    const tensors = { [`${P}model.layers.0.self_attn.o_proj.beft_bias`]: [1, 8] };
    expect(read(onO, tensors).vectors).toMatchObject([{ base: undefined, mode: "add" }]);
    expect(codesOf(onO, tensors)).toContain("adapter.not-mergeable");
    expect(codesOf({ ...LAYER_0, peft_type: "BEFT" }, ofQ({ beft_bias: [1, 8] }))).toEqual([]);
  });

  test("a bias that the file replaces is the one that is scaled", () => {
    const config = { ...LAYER_0, peft_type: "IA3" };
    const { vectors, alerts } = read(config, ofQ({ ia3_l: [8, 1], "base_layer.bias": [8] }));
    const formula = { kind: "scaled", shape: [8, 1] };
    expect(vectors).toMatchObject([{ mode: "stated", delta: { replacement: { shape: [8, 1] }, formula } }]);
    expect(alerts.map(({ code }) => code)).toEqual(["adapter.replaced-weights"]);
  });

  test("tied sides share their rows, and the copy under the head is loaded last", () => {
    const copy = { ...ROWS, [`${P}lm_head.trainable_tokens_delta`]: [2, 8] };
    for (const [tensors, owner] of [
      [ROWS, "model.embed_tokens"],
      [copy, "lm_head"],
    ] as const) {
      const { matrices, alerts } = read(TOKENS, tensors, BASE, { tied: true });
      expect(alerts).toEqual([]);
      const places = matrices.map(({ delta }) => delta.replacedRows?.values.tensor as { storedName?: string });
      expect(places.map(({ storedName }) => storedName)).toEqual(
        [1, 2].map(() => `${P}${owner}.trainable_tokens_delta`),
      );
    }
  });

  test("a module beside the targets is ignored", () => {
    const tensors = { ...ofQ({ beft_bias: [1, 8] }), [`${P}${V0}.beft_bias`]: [1, 4] };
    expect(codesOf({ ...LAYER_0, peft_type: "BEFT" }, tensors)).toEqual(["adapter.tensors-ignored"]);
  });
});
