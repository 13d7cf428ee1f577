import { describe, expect, test } from "vitest";
import { codesOf, ON_Q, P, Q, Q0, Q1, read, refusalOf, V0 } from "../../../../test/builders/adapter-reading.ts";
import { factorShapes, type Shapes } from "../../../../test/builders/headers.ts";

describe("plain factors", () => {
  test("a pair per targeted module, with the base's matrix and the stated scale", () => {
    const { matrices, alerts, unpaired } = read(ON_Q, Q);
    expect(matrices.map(({ name }) => name)).toEqual([Q0, Q1]);
    expect(matrices[0]).toMatchObject({ shape: [8, 8], base: { tensor: { name: `${Q0}.weight` } } });
    expect(matrices[0]?.delta.lowRank).toMatchObject([
      { scale: 2, left: { tensor: { name: `${P}${Q0}.lora_B.weight` } } },
    ]);
    expect([alerts, unpaired]).toEqual([[], []]);
  });

  test.each<[string, Record<string, unknown>, Shapes, string, string]>([
    [
      "rows of lora_B",
      ON_Q,
      factorShapes(Q0, 896, 8),
      "adapter.shape-mismatch",
      `${Q0}: lora_B is (896, 2), the base weight has 8 rows.`,
    ],
    [
      "columns of lora_A",
      ON_Q,
      factorShapes(Q0, 8, 9),
      "adapter.shape-mismatch",
      "lora_A is (2, 9), the base weight has 8 columns.",
    ],
    [
      "rank",
      ON_Q,
      factorShapes(Q0, 8, 8, 3),
      "adapter.shape-mismatch",
      "lora_A has 3 rows, adapter_config.json gives rank 2.",
    ],
    [
      "rank of lora_B alone",
      ON_Q,
      { ...factorShapes(Q0, 8, 8), [`${P}${Q0}.lora_B.weight`]: [8, 3] },
      "adapter.shape-mismatch",
      "lora_B has 3 columns",
    ],
    [
      "partitioned weights",
      ON_Q,
      { [`${P}${Q0}.lora_A.weight`]: [0], [`${P}${Q0}.lora_B.weight`]: [0] },
      "adapter.shape-mismatch",
      "lora_A has shape [0]; the training run saved partitioned weights, save again after gathering.",
    ],
    [
      "rank zero",
      ON_Q,
      { [`${P}${Q0}.lora_A.weight`]: [0, 8], [`${P}${Q0}.lora_B.weight`]: [8, 0] },
      "adapter.shape-mismatch",
      "has shape (0, 8)",
    ],
    ["only lora_B", ON_Q, { [`${P}${Q0}.lora_B.weight`]: [8, 2] }, "adapter.tensor-missing", "lora_B but no lora_A"],
    [
      "a text that is a name",
      { target_modules: "q_proj" },
      Q,
      "adapter.config-invalid",
      'is the text "q_proj", a pattern for whole module names; it matches none of 14 modules.',
    ],
    [
      "a list that matches nothing",
      { target_modules: ["roj"] },
      Q,
      "adapter.config-invalid",
      'is ["roj"]; it matches none of 14 modules.',
    ],
    ["a norm", { target_modules: ["q_proj", "norm"] }, Q, "adapter.config-invalid", "matches model.norm"],
    [
      "nothing that belongs here",
      ON_Q,
      factorShapes("transformer.h.0.q_proj", 8, 8),
      "pairing.empty",
      "None of the 2 tensors",
    ],
  ])("%s", (_, config, tensors, code, words) => {
    const refusal = refusalOf(config, tensors);
    expect(refusal.code).toBe(code);
    expect(refusal.message).toContain(words);
  });

  test("a shape error names both models", () => {
    const config = { ...ON_Q, base_model_name_or_path: "Org/Wide" };
    expect(refusalOf(config, factorShapes(Q0, 9, 8)).message).toMatch(
      /Adapter of Org\/Wide\? This base is Qwen\/Qwen2\.5-0\.5B\.$/u,
    );
  });

  test("a shape error of an adapter that names this very base asks nothing", () => {
    const config = { ...ON_Q, base_model_name_or_path: "/models/Qwen2.5-0.5B" };
    expect(refusalOf(config, factorShapes(Q0, 9, 8)).message).not.toContain("?");
  });

  test("a pattern without linear-time meaning: every module with factors is targeted", () => {
    const { matrices, alerts } = read({ target_modules: ".*(?<!v)_proj" }, { ...Q, ...factorShapes(V0, 4, 8) });
    expect(matrices.map(({ name }) => name).sort()).toEqual([Q0, V0, Q1].sort());
    expect(alerts.map(({ code }) => code)).toEqual(["adapter.pattern-unsupported"]);
  });
});

describe("what peft ignores", () => {
  test("tensors of modules that are not targeted, in one sentence", () => {
    const { alerts, unpaired } = read(ON_Q, { ...Q, ...factorShapes(V0, 4, 8) });
    expect(alerts.map(({ message }) => message)).toEqual([
      "2 tensors of v_proj are in the file but not in `target_modules`; peft ignores them and so does this analysis.",
    ]);
    expect(unpaired).toMatchObject([{ name: V0, reason: "not-targeted" }]);
  });

  test.each<[string, Shapes, Record<string, unknown>]>([
    ["a layer that the base lacks", factorShapes("model.layers.7.self_attn.q_proj", 8, 8), {}],
    ["a head for classes", { [`${P}score.weight`]: [3, 8] }, {}],
    ["a magnitude without use_dora", { [`${P}${Q0}.lora_magnitude_vector`]: [8] }, {}],
    ["the old bias key of a wrapped module", { [`${P}${Q0}.bias`]: [8] }, {}],
    ["the old weight key of a wrapped module", { [`${P}${Q0}.weight`]: [8, 8] }, {}],
    ["the untouched copy beside a saved module", { [`${P}model.norm.original_module.weight`]: [8] }, {}],
    ["a bias of lora_B without lora_bias", { [`${P}${Q0}.lora_B.bias`]: [8] }, {}],
    ["a key without prefix", { "v_head.weight": [1, 8] }, {}],
    ["a base_layer of a module that is not wrapped", { [`${P}${V0}.base_layer.weight`]: [4, 8] }, {}],
  ])("%s", (_, extra, config) => {
    const { alerts, matrices, vectors } = read({ ...ON_Q, ...config }, { ...Q, ...extra });
    expect(alerts.map(({ code }) => code)).toEqual(["adapter.tensors-ignored"]);
    expect([matrices.length, vectors.length]).toEqual([2, 0]);
  });

  test("what only training needs is ignored without a word", () => {
    const extra = { [`${P}${Q0}.lora_velora_embed`]: [3], [`${P}${Q0}.lora_monteclora_sampler.default.std`]: [1] };
    expect(codesOf(ON_Q, { ...Q, ...extra })).toEqual([]);
  });

  test("a targeted module without tensors, or with lora_A alone, has no ΔW", () => {
    const tensors = { ...factorShapes(Q0, 8, 8), [`${P}${Q1}.lora_A.weight`]: [2, 8] };
    const { alerts, unpaired, matrices } = read({}, tensors);
    expect(alerts.map(({ code, message }) => [code, message])).toEqual([
      ["adapter.tensors-missing", `${V0} and 2 more are targeted but not in the file; ΔW is zero.`],
    ]);
    expect([unpaired.length, matrices.length]).toEqual([3, 1]);
  });
});

describe("DoRA", () => {
  const config = { ...ON_Q, use_dora: true };
  const magnitudes = { [`${P}${Q0}.lora_magnitude_vector`]: [8], [`${P}${Q1}.lora_magnitude_vector.weight`]: [8] };

  test("rows of linear layers, with the magnitudes as evidence", () => {
    const { matrices, evidence, alerts } = read(config, { ...Q, ...magnitudes });
    expect(matrices.map(({ delta }) => delta.dora)).toMatchObject([
      { axis: "row", magnitude: { shape: [1, 8] } },
      { axis: "row", magnitude: { shape: [1, 8] } },
    ]);
    expect(evidence.map(({ kind, module, axis }) => [kind, module, axis])).toEqual([
      ["near-norms", Q0, "row"],
      ["near-norms", Q1, "row"],
    ]);
    expect(alerts).toEqual([]);
  });

  test("without magnitudes it starts from the norms of the base", () => {
    const { matrices, alerts } = read(config, Q);
    expect(matrices.map(({ delta }) => delta.dora)).toEqual([{ axis: "row" }, { axis: "row" }]);
    expect(alerts.map(({ code }) => code)).toEqual(["adapter.tensors-missing"]);
  });

  test("a magnitude of the wrong length is refused", () => {
    const tensors = { ...Q, ...magnitudes, [`${P}${Q0}.lora_magnitude_vector`]: [7] };
    expect(refusalOf(config, tensors).message).toContain("lora_magnitude_vector is [7], the base weight has 8 rows");
  });
});
