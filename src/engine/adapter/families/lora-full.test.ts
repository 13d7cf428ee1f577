import { describe, expect, test } from "vitest";
import { ON_Q, P, Q, Q0, Q1, read, refusalOf, V0 } from "../../../../test/builders/adapter-reading.ts";
import { factorShapes } from "../../../../test/builders/headers.ts";

describe("full tensors", () => {
  test("modules_to_save matches by plain suffix: `norm` stores every norm", () => {
    const norms = ["model.norm", "model.layers.0.input_layernorm", "model.layers.1.input_layernorm"];
    const tensors = Object.fromEntries(norms.map((name) => [`${P}${name}.weight`, [8]]));
    const { vectors, alerts } = read({ ...ON_Q, modules_to_save: ["norm"] }, { ...Q, ...tensors });
    expect(vectors.map(({ name, mode }) => [name, mode]).sort()).toEqual(norms.map((name) => [name, "replace"]).sort());
    expect(alerts).toEqual([]);
    const { code, message } = refusalOf(
      { ...ON_Q, modules_to_save: ["norm"] },
      { ...Q, [`${P}model.norm.weight`]: [8] },
    );
    expect([code, message]).toEqual([
      "adapter.tensor-missing",
      "`model.layers.0.input_layernorm.weight` is listed in `modules_to_save` but not in adapter_model.safetensors.",
    ]);
  });

  test("a saved matrix replaces the base's, biases included", () => {
    const tensors = { ...factorShapes(Q0, 8, 8), [`${P}${V0}.weight`]: [4, 8], [`${P}${V0}.bias`]: [4] };
    const config = { target_modules: [Q0], modules_to_save: ["layers.0.self_attn.v_proj"] };
    const { matrices, vectors, alerts } = read(config, tensors);
    expect(matrices.find(({ name }) => name === V0)?.delta).toMatchObject({
      replacement: { tensor: { shape: [4, 8] } },
    });
    expect(vectors.map(({ name }) => name)).toEqual([`${V0}.bias`]);
    expect(alerts).toEqual([]);
  });

  test("an unexpected full tensor is applied and named", () => {
    const { vectors, alerts } = read(ON_Q, { ...Q, [`${P}model.norm.weight`]: [8] });
    expect(vectors).toHaveLength(1);
    expect(alerts.map(({ message }) => message)).toEqual([
      "model.norm.weight is stored in full although the config does not ask for it; peft loads it in place of the base.",
    ]);
  });

  test.each<[string, string, string[]]>([
    ["none", `${V0}.bias`, ["adapter.replaced-weights"]],
    ["lora_only", `${V0}.bias`, ["adapter.replaced-weights"]],
    ["all", `${V0}.bias`, []],
    ["none", `${Q0}.base_layer.bias`, ["adapter.replaced-weights"]],
    ["lora_only", `${Q0}.base_layer.bias`, []],
    ["all", `${Q0}.base_layer.bias`, []],
  ])("bias: %s and a stored %s alert %j", (bias, key, codes) => {
    const size = key.startsWith(V0) ? 4 : 8;
    const { alerts, vectors } = read({ ...ON_Q, bias }, { ...Q, [P + key]: [size] });
    expect(alerts.map(({ code }) => code)).toEqual(codes);
    expect(vectors.map(({ name }) => name)).toEqual([key.replace(".base_layer", "")]);
  });

  test("lora_bias adds s·bias, as a new bias where the base has none", () => {
    const O0 = "model.layers.0.self_attn.o_proj";
    const tensors = {
      ...factorShapes(Q0, 8, 8),
      ...factorShapes(O0, 8, 8),
      [`${P}${Q0}.lora_B.bias`]: [8],
      [`${P}${O0}.lora_B.bias`]: [8],
    };
    const { vectors, alerts } = read({ target_modules: [Q0, O0], lora_bias: true }, tensors);
    expect(vectors).toMatchObject([
      { name: `${Q0}.bias`, mode: "add", scale: 2, base: {} },
      { name: `${O0}.bias`, mode: "add", scale: 2, base: undefined },
    ]);
    expect(alerts.map(({ code, where }) => [code, where])).toEqual([["adapter.not-mergeable", O0]]);
  });

  test("a full matrix of another shape is refused", () => {
    const refusal = refusalOf(
      { ...ON_Q, modules_to_save: [V0] },
      { ...Q, [`${P}${V0}.weight`]: [5, 8], [`${P}${V0}.bias`]: [4] },
    );
    expect(refusal).toMatchObject({ code: "adapter.shape-mismatch" });
    expect(refusal.message).toContain("weight is (5, 8), the base weight is (4, 8)");
  });

  test("resized vocabulary: the common rows, the rest counted", () => {
    const { matrices, alerts } = read(ON_Q, { ...Q, [`${P}model.embed_tokens.weight`]: [24, 8] });
    const pair = matrices.find(({ name }) => name === "model.embed_tokens");
    expect(pair).toMatchObject({ shape: [20, 8], delta: { replacement: { rows: { start: 0, count: 20, step: 1 } } } });
    expect(alerts.map(({ code, message }) => [code, message])).toEqual([
      [
        "adapter.vocabulary-resized",
        "model.embed_tokens has 24 rows in the adapter and 20 in the base; the first 20 are compared, 4 are left out.",
      ],
    ]);
  });

  test("a stored copy of the embedding is evidence, not a pair", () => {
    const { matrices, evidence, alerts } = read(ON_Q, { ...Q, [`${P}model.embed_tokens.weight`]: [20, 8] });
    expect(matrices.map(({ name }) => name)).toEqual([Q0, Q1]);
    expect(evidence).toMatchObject([
      {
        kind: "equal",
        module: "model.embed_tokens",
        alert: { code: "adapter.base-differs" },
        pairsWhenDifferent: [{ name: "model.embed_tokens", delta: { replacement: {} } }],
      },
    ]);
    expect(alerts).toEqual([]);
  });
});
