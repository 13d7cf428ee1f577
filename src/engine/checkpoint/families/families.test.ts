import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Role } from "../../../contract/domain/checkpoint.ts";
import type { ModelConfig } from "../checkpoint.ts";
import { parseModelConfig } from "../config.ts";
import { familyOf } from "./families.ts";

/** Written by tools/make-golden/make_families.py with transformers. */
interface Golden {
  tiedByDefault: Record<string, boolean>;
  families: Record<string, { architecture: string; stored: string[]; running: string[] }>;
}
const golden = JSON.parse(
  readFileSync(new URL("../../../../test/golden/families.json", import.meta.url), "utf8"),
) as Golden;

const configOf = (raw: Record<string, unknown>): ModelConfig => parseModelConfig(raw, "config.json");
const types = Object.entries(golden.families);

test.each(types)("%s: every tensor that transformers saves or runs has a role", (type, { stored, running }) => {
  const family = familyOf(configOf({ model_type: type }));
  expect(family.name).not.toBe("unknown");
  const strays = [...stored, ...running].filter((name) => family.role(name).group === "other");
  expect(strays).toEqual([]);
});

test.each(types)("%s: layers, biases and experts are those of the names", (type, { stored, running }) => {
  const family = familyOf(configOf({ model_type: type }));
  for (const name of [...stored, ...running]) {
    const role = family.role(name);
    expect([name, role.layer]).toEqual([
      name,
      name.includes(".layers.0.") ? 0 : name.includes(".layers.1.") ? 1 : null,
    ]);
    expect([name, role.group === "bias"]).toEqual([name, name.endsWith(".bias")]);
    expect([name, role.expert]).toEqual([
      name,
      name.includes(".experts.0.") ? 0 : name.includes(".experts.1.") ? 1 : null,
    ]);
  }
});

test.each(types)("%s: the class name alone finds the same family", (type, { architecture }) => {
  expect(familyOf(configOf({ architectures: [architecture] })).name).toBe(
    familyOf(configOf({ model_type: type })).name,
  );
});

const role = (type: string, name: string): Role => familyOf(configOf({ model_type: type })).role(name);

test.each<[string, string, Role]>([
  ["qwen2", "model.layers.12.self_attn.q_proj", { layer: 12, kind: "q_proj", expert: null, group: "attention" }],
  ["qwen2", "model.layers.0.self_attn.q_proj.bias", { layer: 0, kind: "q_proj.bias", expert: null, group: "bias" }],
  ["qwen3", "model.layers.1.self_attn.q_norm.weight", { layer: 1, kind: "q_norm", expert: null, group: "norm" }],
  [
    "qwen3_moe",
    "model.layers.3.mlp.experts.127.up_proj.weight",
    { layer: 3, kind: "up_proj", expert: 127, group: "mlp" },
  ],
  [
    "qwen3_moe",
    "model.layers.3.mlp.experts.gate_up_proj",
    { layer: 3, kind: "gate_up_proj", expert: null, group: "mlp" },
  ],
  ["qwen3_moe", "model.layers.3.mlp.gate", { layer: 3, kind: "router", expert: null, group: "router" }],
  [
    "mixtral",
    "model.layers.3.block_sparse_moe.experts.7.w2.weight",
    { layer: 3, kind: "down_proj", expert: 7, group: "mlp" },
  ],
  [
    "phi3",
    "model.layers.0.self_attn.qkv_proj.weight",
    { layer: 0, kind: "qkv_proj", expert: null, group: "attention" },
  ],
  ["phi", "model.layers.0.mlp.fc1.weight", { layer: 0, kind: "fc1", expert: null, group: "mlp" }],
  ["llama", "lm_head", { layer: null, kind: "lm_head", expert: null, group: "head" }],
  ["qwen2_vl", "visual.blocks.3.attn.qkv.weight", { layer: null, kind: "qkv", expert: null, group: "other" }],
  [
    "llama",
    "model.layers.2.self_attn.rotary_emb.inv_freq",
    { layer: 2, kind: "inv_freq", expert: null, group: "other" },
  ],
  ["gpt2", "transformer.h.3.attn.c_attn.weight", { layer: 3, kind: "c_attn", expert: null, group: "other" }],
  ["gpt2", "transformer.wte.weight", { layer: null, kind: "embed_tokens", expert: null, group: "embedding" }],
  ["gpt2", "transformer.h.3.ln_1.bias", { layer: 3, kind: "ln_1.bias", expert: null, group: "bias" }],
  ["olmo", "model.layers.9.self_attn.q_proj.weight", { layer: 9, kind: "q_proj", expert: null, group: "attention" }],
  [
    "olmo",
    "model.layers.99999999999999999999.q_proj",
    { layer: null, kind: "q_proj", expert: null, group: "attention" },
  ],
  ["olmo", "<script>", { layer: null, kind: "other", expert: null, group: "other" }],
  ["qwen2", "constructor", { layer: null, kind: "constructor", expert: null, group: "other" }],
])("%s: %s", (type, name, expected) => {
  expect(role(type, name)).toEqual(expected);
});

test("whether the head is tied without a word is what transformers says", () => {
  const families = ["qwen2", "qwen3", "qwen2_moe", "qwen3_moe", "llama", "mistral", "mixtral", "phi", "phi3"];
  const others = [
    "gemma",
    "gemma2",
    "gemma3_text",
    "gpt2",
    "opt",
    "bloom",
    "falcon",
    "smollm3",
    "starcoder2",
    "cohere",
  ];
  for (const type of [...families, ...others]) {
    expect([type, configOf({ model_type: type }).tied]).toEqual([type, golden.tiedByDefault[type]]);
  }
});
