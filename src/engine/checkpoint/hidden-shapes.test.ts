import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Checkpoint } from "./checkpoint.ts";
import { parseModelConfig } from "./config.ts";
import { familyOf } from "./families/families.ts";
import { hiddenShape } from "./hidden-shapes.ts";
import { open } from "./open.ts";

const bases = join(import.meta.dirname, "../../../test/golden/models/bases");

test.each(readdirSync(bases))("what config.json says of %s is what transformers stored", async (name) => {
  const base = (await open(join(bases, name))) as Checkpoint;
  const matrices = [...base.tensors.values()].filter(
    ({ shape, name }) => shape.length === 2 && !name.includes("mlp.gate."),
  );
  expect(matrices.length).toBeGreaterThan(7);
  const found = matrices.map((tensor) => [tensor.name, hiddenShape(base, base.family.role(tensor.name))]);
  expect(found).toEqual(matrices.map(({ name, shape }) => [name, shape]));
});

function shapeOf(raw: Record<string, unknown>, module: string) {
  const config = parseModelConfig(raw, "config.json");
  const family = familyOf(config);
  return hiddenShape({ config, family }, family.role(`model.layers.0.${module}`));
}

const QWEN3 = { model_type: "qwen3", hidden_size: 64, num_attention_heads: 8, num_key_value_heads: 2, head_dim: 16 };

test.each([
  [QWEN3, "self_attn.k_proj", [32, 64]],
  [{ model_type: "qwen3_vl", text_config: QWEN3 }, "self_attn.o_proj", [64, 128]],
  [{ ...QWEN3, head_dim: undefined }, "self_attn.q_proj", undefined],
  [{ ...QWEN3, model_type: "qwen2", head_dim: undefined, num_attention_heads: 7 }, "self_attn.q_proj", undefined],
  [{ ...QWEN3, num_attention_heads: "8" }, "self_attn.q_proj", undefined],
  [QWEN3, "mlp.up_proj", undefined],
  [QWEN3, "input_layernorm", undefined],
  [{ ...QWEN3, model_type: "nobody" }, "self_attn.k_proj", undefined],
])("%j: %s is %j", (raw, module, expected) => {
  expect(shapeOf(raw, module)).toEqual(expected);
});
