import { expect, test } from "vitest";
import { finish } from "../../../test/builders/finish.ts";
import { headerAdapter } from "../../../test/builders/headers.ts";
import { toDeltaScopeError } from "../../contract/errors.ts";
import { readKeys } from "./keys.ts";

const FACTORS = new Set(["lora_A", "lora_B", "lora_embedding_A", "lora_magnitude_vector"]);

function keysOf(keys: string[], bareNamesAllowed = false) {
  const shapes = Object.fromEntries(keys.map((key) => [key, [2, 2]]));
  return finish(readKeys(headerAdapter({}, shapes), { factors: FACTORS, bareNamesAllowed }));
}

function refusalOf(keys: string[]) {
  try {
    keysOf(keys);
  } catch (thrown) {
    return toDeltaScopeError(thrown);
  }
  throw new Error("not refused");
}

const P = "base_model.model.";

test.each<[string, string, string]>([
  ["model.layers.0.self_attn.q_proj.lora_A.weight", "model.layers.0.self_attn.q_proj", "lora_A.weight"],
  ["model.layers.0.self_attn.q_proj.lora_A.default.weight", "model.layers.0.self_attn.q_proj", "lora_A.weight"],
  ["model.layers.0.self_attn.q_proj.lora_B.my-task.bias", "model.layers.0.self_attn.q_proj", "lora_B.bias"],
  ["model.embed_tokens.lora_embedding_A", "model.embed_tokens", "lora_embedding_A"],
  ["model.embed_tokens.lora_embedding_A.default", "model.embed_tokens", "lora_embedding_A"],
  ["model.layers.0.mlp.up_proj.lora_magnitude_vector", "model.layers.0.mlp.up_proj", "lora_magnitude_vector"],
  [
    "model.layers.0.mlp.up_proj.lora_magnitude_vector.default.weight",
    "model.layers.0.mlp.up_proj",
    "lora_magnitude_vector.weight",
  ],
  ["model.norm.weight", "model.norm", "weight"],
  ["lm_head.base_layer.weight", "lm_head", "base_layer.weight"],
  ["lm_head.modules_to_save.default.weight", "lm_head", "weight"],
  ["lm_head.original_module.weight", "lm_head", "original_module.weight"],
  [
    "model.embed_tokens.token_adapter.trainable_tokens_delta",
    "model.embed_tokens",
    "token_adapter.trainable_tokens_delta",
  ],
  ["model.layers.0.mlp.experts.base_layer.lora_A.weight", "model.layers.0.mlp.experts.base_layer", "lora_A.weight"],
  ["model.language_model.layers.0.mlp.up_proj.lora_A.weight", "model.layers.0.mlp.up_proj", "lora_A.weight"],
  ["language_model.model.layers.0.mlp.up_proj.lora_A.weight", "model.layers.0.mlp.up_proj", "lora_A.weight"],
  ["language_model.lm_head.lora_A.weight", "lm_head", "lora_A.weight"],
  ["model.visual.blocks.0.attn.qkv.lora_A.weight", "visual.blocks.0.attn.qkv", "lora_A.weight"],
])("%s", (key, module, part) => {
  const [found] = keysOf([P + key]).tensors;
  expect(found).toMatchObject({ module, part });
});

test("names without the outer `model.` belong to embedding models only", () => {
  const key = `${P}layers.0.self_attn.q_proj.lora_A.weight`;
  expect(keysOf([key], true).tensors[0]?.module).toBe("model.layers.0.self_attn.q_proj");
  expect(refusalOf([key])).toMatchObject({ code: "adapter.keys-unrecognised" });
});

test("an adapter's name in the keys is said once", () => {
  const { alerts } = keysOf([`${P}a.lora_A.math.weight`, `${P}a.lora_B.math.weight`]);
  expect(alerts.map(({ code, message }) => [code, message])).toEqual([
    ["adapter.name-in-keys", '2 keys hold the adapter\'s name "math", as in `base_model.model.a.lora_A.math.weight`.'],
  ]);
});

test.each<[string, string[], string]>([
  ["torch.compile", [`_orig_mod.${P}a.lora_A.weight`], "Keys start with `_orig_mod.`"],
  ["DDP", [`module.${P}a.lora_A.weight`], "Keys start with `module.`"],
  ["no prefix", ["model.layers.0.self_attn.q_proj.lora_A.weight"], "Keys start with `model.`"],
  ["diffusion tools", ["lora_unet_down.lora_down.weight"], "None of the 1 tensors starts with `base_model.model.`"],
  ["diffusion factors", [`${P}model.layers.0.self_attn.q_proj.lora_down.weight`], "lora_down and lora_up"],
  ["no tensors", [], "holds no tensors"],
])("%s is refused: peft would change nothing", (_, keys, words) => {
  const refusal = refusalOf(keys);
  expect(refusal.code).toBe("adapter.keys-unrecognised");
  expect(refusal.message).toContain(words);
});

test("tensors without the prefix beside others are listed", () => {
  expect(keysOf([`${P}a.lora_A.weight`, "score.weight"]).unprefixed).toEqual(["score.weight"]);
});
