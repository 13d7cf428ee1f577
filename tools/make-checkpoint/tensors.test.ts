import { expect, test } from "vitest";
import { findShape } from "./shapes.ts";
import { checkpointTensors, entries } from "./tensors.ts";

// Number of parameters and of named parameters of the model that transformers 5.23.0 builds from each configuration.
test.each([
  ["tiny", 102_976, 26],
  ["qwen2.5-0.5b", 494_032_768, 290],
  ["qwen2.5-1.5b", 1_543_714_304, 338],
  ["qwen2.5-3b", 3_085_938_688, 434],
  ["qwen2.5-7b", 7_615_616_512, 339],
  ["qwen2.5-72b", 72_706_203_648, 963],
  ["qwen3-0.6b", 596_049_920, 310],
  ["qwen3-1.7b", 1_720_574_976, 310],
  ["qwen3-4b", 4_022_468_096, 398],
  ["qwen3-8b", 8_190_735_360, 399],
])("%s has %i parameters in %i tensors", (name, parameters, count) => {
  const tensors = checkpointTensors(findShape(name), true);
  expect(tensors.reduce((sum, tensor) => sum + entries(tensor), 0)).toBe(parameters);
  expect(new Set(tensors.map((tensor) => tensor.name)).size).toBe(count);
});

test("key and value projections are as narrow as the configuration says, and outputs come first", () => {
  const shapes = new Map(checkpointTensors(findShape("qwen2.5-0.5b"), true).map(({ name, shape }) => [name, shape]));
  expect(shapes.get("model.layers.23.self_attn.k_proj.weight")).toEqual([128, 896]);
  expect(shapes.get("model.layers.23.self_attn.k_proj.bias")).toEqual([128]);
  expect(shapes.get("model.layers.0.mlp.down_proj.weight")).toEqual([896, 4864]);
  expect(shapes.has("lm_head.weight")).toBe(false);
});

test("a head size of its own makes Qwen3's query wider than the hidden size", () => {
  const shapes = new Map(checkpointTensors(findShape("qwen3-0.6b"), true).map(({ name, shape }) => [name, shape]));
  expect(shapes.get("model.layers.0.self_attn.q_proj.weight")).toEqual([2048, 1024]);
  expect(shapes.get("model.layers.0.self_attn.q_norm.weight")).toEqual([128]);
  expect(shapes.has("model.layers.0.self_attn.q_proj.bias")).toBe(false);
});

test("without embeddings neither table is written", () => {
  const names = checkpointTensors(findShape("qwen2.5-7b", 1), false).map((tensor) => tensor.name);
  expect(names).toHaveLength(13);
  expect(names.filter((name) => /embed|lm_head/.test(name))).toEqual([]);
});
