import { expect, test } from "vitest";
import { canonicalName, canonicalNames, stripWrappers } from "./canonical-name.ts";

/** Names as frameworks write them, and the one name of each. */
test.each([
  ["model.language_model.layers.3.mlp.up_proj.weight", "model.layers.3.mlp.up_proj.weight"],
  ["language_model.model.layers.3.mlp.up_proj.weight", "model.layers.3.mlp.up_proj.weight"],
  ["language_model.model.embed_tokens.weight", "model.embed_tokens.weight"],
  ["language_model.lm_head.weight", "lm_head.weight"],
  ["model.visual.blocks.0.attn.qkv.weight", "visual.blocks.0.attn.qkv.weight"],
  ["model.layers.3.mlp.up_proj.weight", "model.layers.3.mlp.up_proj.weight"],
  ["lm_head.weight", "lm_head.weight"],
  ["model.language_modelling.weight", "model.language_modelling.weight"],
])("%s becomes %s", async (stored, expected) => {
  expect(canonicalName(stored)).toBe(expected);
});

test("names of embedding models get their prefix", async () => {
  const stored = ["layers.0.mlp.up_proj.weight", "embed_tokens.weight", "norm.weight", "score.weight"];
  expect([...(await canonicalNames(stored)).values()]).toEqual([
    "model.layers.0.mlp.up_proj.weight",
    "model.embed_tokens.weight",
    "model.norm.weight",
    "score.weight",
  ]);
});

test("a stray bare name beside a causal model stays what it is", async () => {
  const stored = ["model.layers.0.mlp.up_proj.weight", "norm.weight"];
  expect((await canonicalNames(stored)).get("norm.weight")).toBe("norm.weight");
});

test("wrappers are taken off, stacked ones too, and only in front", async () => {
  expect(stripWrappers("module._orig_mod.module.model.norm.weight")).toBe("model.norm.weight");
  expect(stripWrappers("model.module.norm.weight")).toBe("model.module.norm.weight");
  expect((await canonicalNames(["module.layers.0.x.weight"])).get("module.layers.0.x.weight")).toBe(
    "model.layers.0.x.weight",
  );
});

test("no two tensors get one name, whatever their order", async () => {
  const stored = [
    "model.language_model.norm.weight",
    "model.norm.weight",
    "module.model.norm.weight",
    "language_model.model.norm.weight",
  ];
  for (const order of [stored, stored.toReversed()]) {
    const names = await canonicalNames(order);
    expect(new Set(names.values()).size).toBe(4);
    expect(names.get("model.norm.weight")).toBe("model.norm.weight");
  }
});
