import { join } from "node:path";
import { expect, test } from "vitest";
import { writeAdapter, writeCheckpoint } from "../../../test/builders/checkpoint.ts";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import type { AdapterPackage, Checkpoint } from "../checkpoint/checkpoint.ts";
import { open } from "../checkpoint/open.ts";
import { baseNameFor, loraConfig } from "./adapter-config.ts";

test("alpha is the rank, so that peft's scale is 1; modules of other ranks have patterns", () => {
  const modules = [
    { wrapped: "model.layers.1.self_attn.q_proj", rank: 4 },
    { wrapped: "model.layers.0.self_attn.q_proj", rank: 4 },
    { wrapped: "model.layers.0.mlp.up_proj", rank: 6 },
  ];
  const config = loraConfig(undefined, modules, "Qwen/Qwen2.5-0.5B");
  expect(config).toMatchObject({ peft_type: "LORA", r: 4, lora_alpha: 4, use_rslora: false, bias: "none" });
  const patterns = { "model\\.layers\\.0\\.mlp\\.up_proj": 6 };
  expect(config).toMatchObject({ rank_pattern: patterns, alpha_pattern: patterns });
  expect(config.target_modules).toEqual(modules.map(({ wrapped }) => wrapped).sort());
});

test("of the source's settings those stay that still hold", () => {
  const source = {
    ...{ peft_type: "LORA", r: 8, lora_alpha: 32, use_rslora: true, lora_dropout: 0.1, task_type: "CAUSAL_LM" },
    ...{ rank_pattern: { q_proj: 2 }, alpha_pattern: { q_proj: 64 }, target_modules: "all-linear" },
    ...{ exclude_modules: ["k_proj"], layers_to_transform: [0], init_lora_weights: "gaussian", future: { a: 1 } },
    base_model_name_or_path: "someone/base",
  };
  const config = loraConfig(source, [{ wrapped: "model.layers.0.mlp.up_proj", rank: 9 }], "someone/base");
  expect(config).toMatchObject({ r: 9, lora_alpha: 9, use_rslora: false, rank_pattern: {}, alpha_pattern: {} });
  expect(config).toMatchObject({ exclude_modules: null, layers_to_transform: null, init_lora_weights: true });
  expect(config).toMatchObject({ lora_dropout: 0.1, future: { a: 1 }, base_model_name_or_path: "someone/base" });
  expect(Object.keys(config)).not.toContain("modules_to_save"); // what was not there is not added
});

test("names like __proto__ stay data", () => {
  const source = JSON.parse('{"peft_type": "LORA", "__proto__": {"polluted": true}}');
  const config = loraConfig(source, [{ wrapped: "model.layers.0.mlp.up_proj", rank: 1 }], null);
  expect(Object.hasOwn(config, "__proto__")).toBe(true);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("a base that was named by a path is named from the new folder", async () => {
  const folder = temporaryFolder();
  const base = (await open(writeCheckpoint(join(folder, "base")))) as Checkpoint;
  const adapter = async (name: string | null) =>
    (await open(
      writeAdapter(join(folder, "a", String(name).replaceAll("/", "-")), { config: { base_model_name_or_path: name } }),
    )) as AdapterPackage;
  const named = async (name: string | null) => baseNameFor(await adapter(name), base, join(folder, "b", "c", "out"));
  expect(await named("../../base")).toBe("../../../base");
  expect(await named("Qwen/Qwen2.5-0.5B")).toBe("Qwen/Qwen2.5-0.5B");
  expect(await named(join(folder, "base"))).toBe(join(folder, "base"));
  expect(await named(null)).toBe(join(folder, "base"));
});
