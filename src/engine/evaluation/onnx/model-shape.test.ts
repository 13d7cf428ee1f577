import { describe, expect, test } from "vitest";
import { headerCheckpoint } from "../../../../test/builders/headers.ts";
import { modelShape, parseModelShape } from "./model-shape.ts";

const qwen2 = {
  model_type: "qwen2",
  hidden_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  intermediate_size: 176,
  vocab_size: 512,
  max_position_embeddings: 512,
};
const shape = (changes: object) => parseModelShape({ ...qwen2, ...changes }, "/model");

describe("what the graph cannot express is refused by its field", () => {
  test.each([
    ["model_type", { model_type: "llama" }],
    ["model_type", { model_type: "qwen3_moe" }],
    ["model_type", { model_type: "qwen2_5_vl" }],
    ["model_type", { model_type: undefined }],
    ["quantization_config", { quantization_config: { bits: 4 } }],
    ["hidden_act", { hidden_act: "gelu" }],
    ["rope_scaling.rope_type", { rope_scaling: { rope_type: "longrope" } }],
    ["rope_scaling.type", { rope_scaling: { type: "mrope" } }],
    ["rope_parameters", { rope_parameters: { full_attention: { rope_type: "default" } } }],
    ["rope_scaling", { rope_scaling: 3 }],
    ["rope_scaling.factor", { rope_scaling: { rope_type: "linear" } }],
    ["rope_scaling.factor", { rope_scaling: { rope_type: "linear", factor: -2 } }],
    ["rope_theta", { rope_theta: "1e6" }],
    ["partial_rotary_factor", { partial_rotary_factor: 0.5 }],
    ["rope_parameters.partial_rotary_factor", { rope_parameters: { partial_rotary_factor: 0.5 } }],
    ["layer_types", { layer_types: ["full_attention", "linear_attention"] }],
    ["layer_types", { layer_types: ["full_attention", "sliding_attention"] }],
    ["layer_types", { layer_types: ["full_attention"] }],
    ["num_key_value_heads", { num_key_value_heads: 3 }],
    ["num_key_value_heads", { num_key_value_heads: undefined, num_attention_heads: 4 }],
    ["head_dim", { head_dim: 8 }],
    ["head_dim", { num_attention_heads: 6, num_key_value_heads: 2 }],
    ["head_dim", { head_dim: 1040 }],
    ["head_dim", { head_dim: null, hidden_size: 64_000_000 }],
    ["hidden_size", { hidden_size: 1e12 }],
    ["hidden_size", { hidden_size: null }],
    ["num_hidden_layers", { num_hidden_layers: 1e7 }],
    ["rms_norm_eps", { rms_norm_eps: 0 }],
    ["tie_word_embeddings", { tie_word_embeddings: "yes" }],
  ])("%s: %o", (field, changes) => {
    const { num_key_value_heads: heads } = changes as { num_key_value_heads?: number };
    const config: Record<string, unknown> = { ...qwen2, ...changes };
    if ("num_key_value_heads" in changes && heads === undefined) delete config.num_key_value_heads;
    expect(() => parseModelShape(config, "/model")).toThrow(
      expect.objectContaining({
        code: "evaluation.unsupported",
        where: "/model",
        message: expect.stringContaining(`\`${field}\``),
      }),
    );
  });
});

describe("what a configuration leaves out is what transformers fills in", () => {
  test("Qwen2: heads of hidden size / heads, three biases, no tie, theta 10000", () => {
    expect(shape({})).toMatchObject({
      headSize: 16,
      keyValueHeads: 2,
      tied: false,
      epsilon: 1e-6,
      queryKeyValueBias: true,
      outputBias: false,
      queryKeyNorm: false,
      rope: { type: "default", theta: 10_000 },
    });
  });

  test("Qwen3: heads of 128 whatever the hidden size, norms of heads, all four biases or none", () => {
    const qwen3 = { model_type: "qwen3", head_dim: null };
    expect(shape(qwen3)).toMatchObject({ headSize: 128, queryKeyNorm: true, queryKeyValueBias: false });
    expect(shape({ ...qwen3, attention_bias: true })).toMatchObject({ queryKeyValueBias: true, outputBias: true });
  });

  test("the largest head size is accepted", () => {
    expect(shape({ head_dim: 1024 }).headSize).toBe(1024);
  });

  test("null key-value heads are as many as heads", () => {
    expect(shape({ num_key_value_heads: null }).keyValueHeads).toBe(4);
  });

  test("windows: only where they are switched on, from the named layer on", () => {
    const on = { use_sliding_window: true, max_window_layers: 1 };
    expect(shape({ sliding_window: 7 }).windows).toEqual([undefined, undefined]);
    expect(shape({ ...on, sliding_window: 7 }).windows).toEqual([undefined, 7]);
    expect(shape(on).windows).toEqual([undefined, 4096]);
    expect(shape({ ...on, sliding_window: null }).windows).toEqual([undefined, undefined]);
    expect(shape({ ...on, max_window_layers: 0, sliding_window: 7 }).windows).toEqual([7, 7]);
    const types = { layer_types: ["sliding_attention", "full_attention"], sliding_window: 7 };
    expect(shape({ ...on, ...types }).windows).toEqual([7, undefined]);
  });

  test("rope_scaling counts before rope_parameters, and theta is found in either place", () => {
    const both = { rope_scaling: { type: "linear", factor: 2 }, rope_parameters: { rope_type: "default" } };
    expect(shape(both).rope).toMatchObject({ type: "linear", factor: 2 });
    expect(shape({ rope_parameters: { rope_theta: 5e5, rope_type: "default" } }).rope.theta).toBe(5e5);
    expect(shape({ rope_theta: 1e6, rope_scaling: { type: "dynamic" } }).rope).toMatchObject({ theta: 1e6 });
    const yarn = shape({ rope_scaling: { rope_type: "yarn", factor: 4 } }).rope;
    expect(yarn).toMatchObject({ original: 512, attentionFactor: 0.1 * Math.log(4) + 1, betaFast: 32, betaSlow: 1 });
  });

  test.each([
    [{ model_type: "llama" }, '`model_type` is "llama", which is not supported.'],
    [{ rms_norm_eps: -1 }, "`rms_norm_eps` is -1, which must be above 0."],
    [{ model_type: undefined }, "`model_type` is missing."],
    [{ quantization_config: { bits: 4 } }, '`quantization_config` is "{\\"bits\\":4}", which is not supported.'],
  ])("%j is told as the file says it", (changes, words) => {
    expect(() => shape(changes)).toThrow(`config.json: ${words}`);
  });

  test("names of inherited properties are no fields", () => {
    const hostile = JSON.parse('{"__proto__": {"model_type": "qwen2"}}') as Record<string, unknown>;
    expect(() => parseModelShape(hostile, "/model")).toThrow("model_type");
  });
});

test.each([{ quantised: "4-bit GPTQ" }, { dequantised: "FP8 with a scale for each row" }])(
  "weights of fewer than 16 bits are refused with their format: %j",
  (format) => {
    const checkpoint = { ...headerCheckpoint({}), ...format };
    const [words] = Object.values(format);
    const message = `/models/base is stored in ${words}; only weights of 16 or 32 bits can be scored. Use the 16-bit original.`;
    expect(() => modelShape(checkpoint)).toThrow(expect.objectContaining({ code: "evaluation.unsupported", message }));
  },
);
