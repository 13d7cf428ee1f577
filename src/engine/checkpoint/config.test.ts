import { expect, test } from "vitest";
import { parseModelConfig } from "./config.ts";

const parse = (text: string) => parseModelConfig(JSON.parse(text), "/models/a/config.json");

test("a flat configuration", () => {
  const config = parse(
    `{"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "tie_word_embeddings": true,
      "num_hidden_layers": 24, "hidden_size": 896, "vocab_size": 151936, "anything": {"else": [1]}}`,
  );
  expect(config).toMatchObject({
    architecture: "Qwen2ForCausalLM",
    modelType: "qwen2",
    tied: true,
    layers: 24,
    hiddenSize: 896,
    vocabularySize: 151936,
    experts: undefined,
    quantisation: undefined,
  });
  expect(config.raw.anything).toEqual({ else: [1] });
});

test("a multimodal configuration: sizes of the language model, tying of the whole", () => {
  const config = parse(
    `{"architectures": ["Qwen3VLMoeForConditionalGeneration"], "model_type": "qwen3_vl_moe", "tie_word_embeddings": false,
      "vision_config": {"hidden_size": 1152}, "text_config": {"model_type": "qwen3_vl_moe_text", "hidden_size": 2048,
      "num_hidden_layers": 48, "num_experts": 128, "tie_word_embeddings": true, "architectures": ["Other"]}}`,
  );
  expect(config).toMatchObject({
    architecture: "Qwen3VLMoeForConditionalGeneration",
    modelType: "qwen3_vl_moe_text",
    tied: false,
    layers: 48,
    hiddenSize: 2048,
    experts: 128,
  });
});

test("an empty configuration says nothing", () => {
  expect(parse("{}")).toMatchObject({ architecture: undefined, modelType: undefined, tied: false, layers: undefined });
});

test.each<[string, string]>([
  ['{"quantization_config": {"quant_method": "gptq", "bits": 4}}', "gptq"],
  ['{"quantization_config": {"load_in_4bit": true}}', "bitsandbytes"],
  ['{"quantization_config": {"load_in_4bit": false}}', "unknown"],
])("quantisation of %s", (text, method) => {
  expect(parse(text).quantisation?.method).toBe(method);
});

test.each<[string, RegExp]>([
  ['{"tie_word_embeddings": "false"}', /`tie_word_embeddings` is .*false/],
  ['{"architectures": "Qwen2ForCausalLM"}', /`architectures`/],
  ['{"num_hidden_layers": 2.5}', /`num_hidden_layers` is 2.5/],
  ['{"num_hidden_layers": -1}', /`num_hidden_layers`/],
  ['{"vocab_size": 1e300}', /`vocab_size`/],
  ['{"model_type": {}}', /`model_type`/],
])("%s is refused with field and value", (text, message) => {
  expect(() => parse(text)).toThrow(
    expect.objectContaining({ code: "checkpoint.config-invalid", message: expect.stringMatching(message) }),
  );
});

test("keys with the names of inherited properties change nothing", () => {
  const config = parse('{"__proto__": {"tie_word_embeddings": true, "model_type": "gemma"}, "constructor": 1}');
  expect(config).toMatchObject({ tied: false, modelType: undefined });
  expect(Object.hasOwn(Object.prototype, "tie_word_embeddings")).toBe(false);
});
