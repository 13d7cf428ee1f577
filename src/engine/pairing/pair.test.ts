import { expect, test } from "vitest";
import { pair } from "./pair.ts";
import { type Sketch, sketchCheckpoint } from "./test-checkpoint.ts";

const TENSORS = {
  "lm_head.weight": [8, 4],
  "model.embed_tokens.weight": [8, 4],
  "model.layers.10.self_attn.q_proj.weight": [4, 4],
  "model.layers.2.mlp.down_proj.weight": [4, 6],
  "model.layers.2.self_attn.q_proj.weight": [4, 4],
  "model.norm.weight": [4],
};

function pairing(base: Partial<Sketch>, tuned: Partial<Sketch>) {
  const second = sketchCheckpoint({ location: "/models/two", tensors: TENSORS, ...tuned });
  return pair(sketchCheckpoint({ tensors: TENSORS, ...base }), second);
}

test("pairs stand in the order of the model, whatever the file's order", async () => {
  const { kind, matrices, report } = await pairing({}, {});
  expect(kind).toBe("full");
  expect(matrices.map(({ name }) => name)).toEqual([
    "model.layers.2.self_attn.q_proj",
    "model.layers.2.mlp.down_proj",
    "model.layers.10.self_attn.q_proj",
    "model.embed_tokens",
    "lm_head",
  ]);
  expect(report).toEqual({ paired: 6, unpaired: [] });
});

test.each([
  ["BF16", "bf16"],
  ["F16", "f16"],
  ["F32", undefined],
  ["F64", undefined],
])("a tuned checkpoint in %s is rounded to the grid %s", async (dtype, grid) => {
  expect((await pairing({ dtype: "F32" }, { dtype })).roundingGrid).toBe(grid);
});

test.each([
  ["base", { quantised: "4-bit GPTQ" }, {}],
  ["tuned checkpoint", {}, { quantised: "4-bit GPTQ" }],
])("a quantised %s is refused with the format's name", async (side, base, tuned) => {
  const expected = {
    code: "checkpoint.quantised",
    message: expect.stringMatching(`The ${side} .* 4-bit GPTQ;.*16-bit`),
  };
  await expect(pairing(base, tuned)).rejects.toMatchObject(expected);
});

test("nothing in common is an error, never an empty report", async () => {
  await expect(pairing({}, { tensors: { other: [2, 2] } })).rejects.toMatchObject({ code: "pairing.empty" });
});
