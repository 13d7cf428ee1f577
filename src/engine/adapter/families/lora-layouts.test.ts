import { describe, expect, test } from "vitest";
import { BASE, ON_Q, P, Q, Q0, Q1, read, refusalOf } from "../../../../test/builders/adapter-reading.ts";
import { factorShapes, type Shapes } from "../../../../test/builders/headers.ts";
import type { Tensor } from "../../checkpoint/checkpoint.ts";

describe("names of other models", () => {
  const inside = "model.language_model.layers.0.self_attn.q_proj";

  test("patterns see the name in the wrapped model, pairs the canonical one", () => {
    const tensors = factorShapes(inside, 8, 8);
    const config = { target_modules: "model\\.language_model\\..*0.*q_proj" };
    expect(read(config, tensors).matrices.map(({ name }) => name)).toEqual([Q0]);
    expect(refusalOf({ target_modules: "model\\.layers\\..*q_proj" }, tensors).code).toBe("adapter.config-invalid");
  });

  test("an embedding model has short names, in patterns too", () => {
    const tensors = factorShapes("layers.0.self_attn.q_proj", 8, 8);
    const config = { task_type: "FEATURE_EXTRACTION", target_modules: "layers\\.0\\..*q_proj" };
    expect(read(config, tensors).matrices.map(({ name }) => name)).toEqual([Q0]);
    const byClass = {
      task_type: null,
      auto_mapping: { base_model_class: "Qwen3Model" },
      target_modules: "layers\\.0\\..*q_proj",
    };
    expect(read(byClass, tensors).matrices).toHaveLength(1);
    expect(refusalOf({ ...config, task_type: "CAUSAL_LM" }, tensors).code).toBe("adapter.keys-unrecognised");
  });
});

describe("replicated layers", () => {
  test("each new layer against the base layer it copies", () => {
    const tensors = { ...factorShapes(Q0, 8, 8), ...factorShapes("model.layers.2.self_attn.q_proj", 8, 8) };
    const { matrices, alerts } = read(
      {
        target_modules: [Q0, "model.layers.2.self_attn.q_proj"],
        layer_replication: [
          [0, 2],
          [1, 2],
        ],
      },
      tensors,
    );
    const bases = matrices.map(({ name, base, role }) => [
      name,
      (base?.tensor as Tensor | undefined)?.name,
      role.layer,
    ]);
    expect(bases).toEqual([
      [Q0, `${Q0}.weight`, 0],
      ["model.layers.2.self_attn.q_proj", `${Q1}.weight`, 2],
    ]);
    expect(alerts.map(({ code }) => code)).toEqual(["adapter.layer-replication"]);
  });

  test.each([[[0, 3]], [[1, 1]], [[2, 1]]])("a range that the base does not have: %j", (...ranges) => {
    expect(refusalOf({ ...ON_Q, layer_replication: ranges }, Q).code).toBe("adapter.config-invalid");
  });

  test("a stack of a million layers is refused", () => {
    const ranges = Array.from({ length: 5000 }, () => [0, 1]);
    expect(refusalOf({ ...ON_Q, layer_replication: ranges }, Q).code).toBe("adapter.config-invalid");
  });
});

describe("experts", () => {
  const MLP = "model.layers.0.mlp";
  const STACKED: Shapes = {
    ...BASE,
    [`${MLP}.experts.gate_up_proj`]: [3, 12, 8],
    [`${MLP}.experts.down_proj`]: [3, 8, 6],
  };
  const fused = (holder: string, rows: number, columns: number, rank: number): Shapes =>
    factorShapes(holder, rows, columns, rank);
  const PARAMETERS = { target_modules: [], target_parameters: ["experts.gate_up_proj", "experts.down_proj"] };

  test("stacked base and fused factors are cut into the same matrices", () => {
    const tensors = { ...fused(`${MLP}.experts.base_layer`, 12, 8, 6), ...fused(`${MLP}.experts`, 8, 6, 6) };
    const { matrices, alerts } = read(PARAMETERS, tensors, STACKED, { modelType: "qwen3_moe" });
    const up = matrices.find(({ name }) => name === `${MLP}.experts.1.up_proj`);
    expect(up).toMatchObject({ shape: [6, 8], base: { offset: 1 * 12 * 8 + 6 * 8, shape: [6, 8] } });
    expect(up?.delta.lowRank).toMatchObject([
      {
        scale: 2,
        left: { rows: { start: 6, count: 6, step: 1 }, columns: { start: 1, count: 2, step: 3 } },
        right: { rows: { start: 2, count: 2, step: 1 } },
      },
    ]);
    expect([matrices.length, alerts]).toEqual([9, []]);
  });

  test("one parameter alone has the short key: the shape decides", () => {
    const gateUp = read(PARAMETERS, fused(`${MLP}.experts`, 12, 8, 6), STACKED);
    expect(gateUp.matrices.map(({ role }) => role.kind)).not.toContain("down_proj");
    const down = read(PARAMETERS, fused(`${MLP}.experts`, 8, 6, 6), STACKED);
    expect(new Set(down.matrices.map(({ name }) => name.split(".").at(-1)))).toEqual(new Set(["down_proj"]));
    expect(refusalOf(PARAMETERS, fused(`${MLP}.experts`, 9, 8, 6), STACKED).message).toContain(
      "fit neither gate_up_proj (12, 8) nor down_proj (8, 6)",
    );
  });

  test("the rank is per expert, from the pattern of the parameter", () => {
    const config = {
      ...PARAMETERS,
      rank_pattern: { ".*\\.gate_up_proj": 4 },
      alpha_pattern: { ".*\\.gate_up_proj": 2 },
    };
    const { matrices } = read(config, fused(`${MLP}.experts`, 12, 8, 12), STACKED);
    expect(matrices[0]?.delta.lowRank).toMatchObject([{ scale: 0.5, right: { rows: { count: 4 } } }]);
    expect(refusalOf(PARAMETERS, fused(`${MLP}.experts`, 12, 8, 12), STACKED).message).toContain(
      "rank 2 for 3 experts needs 6",
    );
  });

  test("single factors under a configuration of fused experts: half the rank, the same scale", () => {
    const config = {
      ...PARAMETERS,
      rank_pattern: { ".*\\.gate_up_proj": 4 },
      alpha_pattern: { ".*\\.gate_up_proj": 12 },
    };
    const { matrices } = read(config, factorShapes(`${MLP}.experts.0.up_proj`, 6, 8, 2), STACKED);
    expect(matrices[0]?.delta.lowRank).toMatchObject([{ scale: 3 }]);
  });

  test("a dense layer among experts is applied, with a word about current peft", () => {
    const tensors = {
      ...factorShapes(`${MLP}.experts.0.up_proj`, 6, 8),
      ...factorShapes("model.layers.1.mlp.up_proj", 12, 8),
    };
    const { matrices, alerts } = read({ target_modules: ["up_proj"] }, tensors, STACKED, { modelType: "qwen3_moe" });
    expect(matrices.map(({ name }) => name)).toEqual(["model.layers.1.mlp.up_proj", `${MLP}.experts.0.up_proj`]);
    expect(alerts.map(({ code }) => code).sort()).toEqual(["adapter.tensors-ignored", "adapter.tensors-missing"]);
  });

  test("numbers with gaps are refused, not looped over", () => {
    const base = { ...BASE };
    for (const [kind, shape] of Object.entries({ gate_proj: [6, 8], up_proj: [6, 8], down_proj: [8, 6] })) {
      base[`${MLP}.experts.999999999.${kind}.weight`] = shape;
    }
    expect(refusalOf(PARAMETERS, fused(`${MLP}.experts`, 12, 8, 2), base).code).toBe("adapter.shape-mismatch");
  });
});

describe("quantised bases", () => {
  const packed: Shapes = { ...BASE };
  for (const layer of [0, 1]) {
    delete packed[`model.layers.${layer}.self_attn.q_proj.weight`];
    packed[`model.layers.${layer}.self_attn.q_proj.qweight`] = { shape: [1, 8], dtype: "I32" };
  }
  const options = { quantised: "4-bit GPTQ" };

  test("low-rank deltas need no base", () => {
    const { matrices, alerts } = read(ON_Q, Q, packed, options);
    expect(matrices.map(({ base, shape }) => [base, shape])).toEqual([
      [undefined, [8, 8]],
      [undefined, [8, 8]],
    ]);
    expect(alerts.map(({ code }) => code)).toEqual(["checkpoint.quantised-base"]);
  });

  test("bitsandbytes hides the shape under the usual name", () => {
    const bytes = {
      ...BASE,
      [`${Q0}.weight`]: { shape: [32, 1], dtype: "U8" },
      [`${Q1}.weight`]: { shape: [32, 1], dtype: "U8" },
    };
    expect(read(ON_Q, Q, bytes, { quantised: "4-bit bitsandbytes (nf4)" }).matrices).toHaveLength(2);
  });

  test("DoRA needs it", () => {
    const refusal = refusalOf({ ...ON_Q, use_dora: true }, Q, packed, options);
    expect(refusal.code).toBe("checkpoint.quantised");
    expect(refusal.message).toContain(
      "is stored in 4-bit GPTQ; ΔW against it would mix training with quantisation error.",
    );
  });

  test("a saved head that the base keeps in 16 bits is compared", () => {
    const base = { ...packed, "lm_head.weight": { shape: [20, 8], dtype: "BF16" } };
    const { matrices } = read(
      { ...ON_Q, modules_to_save: ["lm_head"] },
      { ...Q, [`${P}lm_head.weight`]: [20, 8] },
      base,
      options,
    );
    expect(matrices.at(-1)).toMatchObject({ name: "lm_head", base: {}, delta: { replacement: {} } });
  });
});
