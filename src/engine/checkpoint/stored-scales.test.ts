import { expect, test } from "vitest";
import { finish } from "../../../test/builders/finish.ts";
import type { Tensor } from "./checkpoint.ts";
import { parseModelConfig } from "./config.ts";
import { readQuantisation } from "./quantisation.ts";

const W = "model.layers.0.mlp.up_proj.weight";

function stored(tensors: Record<string, [dtype: string, ...shape: number[]]>): Map<string, Tensor> {
  const place = { path: "model.safetensors", begin: 0, end: 0, fileSize: 0, mtimeNs: 0n };
  const rows = Object.entries(tensors).map(([name, [dtype, ...shape]]): [string, Tensor] => [
    name,
    { ...place, name, storedName: name, dtype, shape },
  ]);
  return new Map(rows);
}

function read(tensors: Parameters<typeof stored>[0], quantization_config?: Record<string, unknown>) {
  const raw = quantization_config === undefined ? {} : { quantization_config };
  return finish(readQuantisation(stored(tensors), parseModelConfig(raw, "config.json")));
}

const FP8 = { quant_method: "fp8", weight_block_size: [128, 128] };
const GROUPS = { config_groups: { group_0: { weights: { strategy: "block", block_structure: [64, 32] } } } };

test.each<[string, [string, ...number[]], Record<string, unknown> | undefined, object]>([
  ["_scale_inv", ["F32", 3, 2], FP8, { kind: "block", block: [128, 128] }],
  ["_scale_inv", ["BF16", 3, 2], undefined, { kind: "block", block: [128, 128] }],
  ["_scale_inv", ["F32", 3, 3], { quant_method: "fp8", weight_block_size: [100, 80] }, { block: [100, 80] }],
  ["_scale", ["F32", 5, 7], { quant_method: "compressed-tensors", ...GROUPS }, { kind: "block", block: [64, 32] }],
  ["_scale_inv", ["F32"], { quant_method: "fp8", weight_block_size: null }, { kind: "tensor" }],
  ["_scale", ["F32", 1], { quant_method: "compressed-tensors" }, { kind: "tensor" }],
  ["_scale", ["F32", 1, 1], { quant_method: "compressed-tensors" }, { kind: "tensor" }],
  ["_scale", ["BF16", 300, 1], { quant_method: "compressed-tensors" }, { kind: "row" }],
  ["_scale", ["F32", 300], { quant_method: "fbgemm_fp8" }, { kind: "row" }],
  ["_scale_inv", ["F8_E8M0", 3, 2], FP8, { kind: "block", block: [128, 128] }],
  // As transformers and compressed-tensors read them: the grid of scales tells the size of blocks that leave no rest.
  ["_scale", ["U8", 300, 25], { quant_method: "compressed-tensors" }, { kind: "block", block: [1, 8] }],
  ["_scale_inv", ["F8_E8M0", 300, 5], FP8, { kind: "block", block: [1, 40] }],
  ["_scale", ["F32", 1, 200], { quant_method: "fbgemm_fp8" }, { kind: "block", block: [300, 1] }],
])("%s of %j with %j", (end, scale, config, expected) => {
  const { tensors, quantised, dequantised } = read({ [W]: ["F8_E4M3", 300, 200], [W + end]: scale }, config);
  expect(tensors.get(W)?.scale).toMatchObject({ ...expected, tensor: { shape: scale.slice(1) } });
  expect([quantised, dequantised?.startsWith("FP8")]).toEqual([undefined, true]);
  expect([...tensors.keys()]).toEqual([W]);
});

test("scales of activations are no weights, norms and embeddings stay as they are", () => {
  const { tensors } = read({
    [W]: ["F8_E4M3", 8, 8],
    [`${W}_scale`]: ["F32", 1],
    "model.layers.0.mlp.up_proj.input_scale": ["F32", 1],
    "model.norm.weight": ["BF16", 8],
  });
  expect([...tensors.keys()]).toEqual([W, "model.norm.weight"]);
});

test.each<[string, Parameters<typeof stored>[0], Record<string, unknown> | undefined, RegExp]>([
  [
    "no scale beside others",
    { [W]: ["F8_E4M3", 8, 8], [`${W}_scale`]: ["F32", 1], "lm_head.weight": ["F8_E4M3", 8, 8] },
    undefined,
    /1 of 2 weights.*lm_head/,
  ],
  ["no scale at all", { [W]: ["F8_E4M3", 8, 8] }, FP8, /1 of 1 weights/],
  [
    "a zero point",
    { [W]: ["F8_E4M3", 8, 8], [`${W}_scale`]: ["F32", 1], [`${W}_zero_point`]: ["F32", 1] },
    undefined,
    /1 of 1 weights/,
  ],
  ["packed FP4", { [W]: ["I8", 8, 4], [`${W}_scale_inv`]: ["F8_E8M0", 8, 1] }, FP8, /^packed FP4$/],
  [
    "packed FP4 beside FP8",
    {
      "model.layers.0.q_proj.weight": ["F8_E4M3", 8, 8],
      "model.layers.0.q_proj.weight_scale_inv": ["F32", 1, 1],
      "model.layers.0.mlp.experts.down_proj": ["I8", 2, 8, 16],
      "model.layers.0.mlp.experts.down_proj_scale_inv": ["F8_E8M0", 2, 8, 1],
    },
    FP8,
    /^packed FP4$/,
  ],
  [
    "torchao",
    { "q_proj._weight_qdata": ["F8_E4M3", 8, 8], "q_proj._weight_scale": ["F32", 8, 1] },
    undefined,
    /^torchao$/,
  ],
  [
    "packed floats",
    { "up_proj.weight_packed": ["U8", 8, 4], "up_proj.weight_scale": ["U8", 8, 1] },
    undefined,
    /^MXFP4$/,
  ],
  [
    "stacked matrices that are no experts",
    { "model.conv": ["F8_E4M3", 2, 8, 8], "model.conv_scale_inv": ["F32", 2, 1, 1] },
    undefined,
    /1 of 1 weights.*conv/,
  ],
  [
    "a part in four bits",
    { [W]: ["F8_E4M3", 8, 8], [`${W}_scale`]: ["F32", 1], "model.layers.0.mlp.down_proj.weight_packed": ["I32", 8, 1] },
    undefined,
    /^compressed-tensors int$/,
  ],
  ["NVFP4", { [W]: ["U8", 8, 4], [`${W}_scale`]: ["F8_E4M3", 8, 1], [`${W}_scale_2`]: ["F32"] }, undefined, /^NVFP4$/],
  [
    "integers in a row each",
    { [W]: ["I8", 8, 8], [`${W}_scale`]: ["BF16", 8, 1] },
    { quant_method: "compressed-tensors" },
    /^compressed-tensors int$/,
  ],
  [
    "integers of a method that may be applied while loading",
    { [W]: ["U8", 8, 8] },
    { quant_method: "bitsandbytes" },
    /^bitsandbytes$/,
  ],
])("%s: not read", (_, tensors, config, format) => {
  const { quantised, dequantised } = read(tensors, config);
  expect(quantised).toMatch(format);
  expect(dequantised).toBeUndefined();
});

const STACK = "model.layers.0.mlp.experts.down_proj";

test.each<[string, [string, ...number[]], object]>([
  ["_scale_inv", ["F32", 2, 3, 2], { kind: "block", block: [128, 128] }],
  ["_scale_inv", ["F8_E8M0", 2, 3, 2], { kind: "block", block: [128, 128] }],
  ["_scale_inv", ["F32", 2, 1, 1], { kind: "tensor" }],
  ["_scale", ["F32", 2, 300, 1], { kind: "row" }],
  ["_scale", ["F32", 2, 1, 200], { kind: "block", block: [300, 1] }],
  ["_scale", ["F32"], { kind: "tensor" }],
])("stacked experts: %s of %j", (end, scale, expected) => {
  const { tensors } = read({ [STACK]: ["F8_E4M3", 2, 300, 200], [STACK + end]: scale });
  expect(tensors.get(STACK)?.scale).toMatchObject({ ...expected, tensor: { shape: scale.slice(1) } });
  expect([...tensors.keys()]).toEqual([STACK]);
});

test("stacked experts need scales for each of them", () => {
  const one = () => read({ [STACK]: ["F8_E4M3", 2, 300, 200], [`${STACK}_scale_inv`]: ["F32", 3, 3, 2] });
  expect(one).toThrow(/\[3, 2\] for blocks of 128 × 128 for each of 2 experts/);
});

test("what belongs to activations and caches is no weight", () => {
  const layer = "model.layers.0.self_attn";
  const weight = `${layer}.q_proj.weight`;
  const { tensors } = read({
    [weight]: ["F8_E4M3", 8, 8],
    [`${weight}_scale`]: ["F32"],
    [`${layer}.q_proj.input_scale`]: ["F32"],
    [`${layer}.k_scale`]: ["F32"],
    [`${layer}.v_scale`]: ["F32"],
    [`${STACK}_activation_scale`]: ["F32", 2],
  });
  expect([...tensors.keys()]).toEqual([weight]);
});

test("8-bit floats that nothing calls quantised are plain numbers", () => {
  expect(read({ [W]: ["F8_E5M2", 8, 8] })).toMatchObject({ quantised: undefined, dequantised: undefined });
});
