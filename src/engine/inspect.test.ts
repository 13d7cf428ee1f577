import { cpSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { shardName, writeAdapter, writeCheckpoint } from "../../test/builders/checkpoint.ts";
import { temporaryFolder } from "../../test/builders/folders.ts";
import { inspection } from "../contract/domain/checkpoint.ts";
import { inspect, writeRanges } from "./inspect.ts";

let folder = "";

beforeEach(() => {
  folder = temporaryFolder();
});

test("a checkpoint: files, facts and tensors by role", async () => {
  const path = writeCheckpoint(folder, { shape: { layers: 3 }, shards: 2, dtype: "BF16" });
  const found = inspection.parse(await inspect(path));
  expect(found).toMatchObject({ path, kind: "full", adapter: null, repository: null, revision: null, alerts: [] });
  expect(found.files.map((file) => file.name)).toEqual(["config.json", shardName(0, 2), shardName(1, 2)]);
  expect(found.checkpoint).toMatchObject({
    architecture: "Qwen2ForCausalLM",
    family: "qwen2",
    dtype: "BF16",
    layers: 3,
    tied: true,
    tensors: 1 + 3 * 12 + 1,
  });
  expect(found.roles.find((row) => row.kind === "gate_proj")).toEqual({
    kind: "gate_proj",
    group: "mlp",
    tensors: 3,
    parameters: 3 * 24 * 16,
    shape: [24, 16],
    dtypes: ["BF16"],
    layers: "0-2",
  });
  expect(found.roles.find((row) => row.kind === "embed_tokens")).toMatchObject({ tensors: 1, layers: null });
  expect(found.roles.reduce((sum, row) => sum + row.parameters, 0)).toBe(found.checkpoint?.parameters);
});

test("layers are counted from the names where no configuration tells them", async () => {
  const found = await inspect(writeCheckpoint(folder, { shape: { layers: 4 }, config: false }));
  expect(found.checkpoint).toMatchObject({ layers: 4, architecture: null, family: null });
  expect(found.alerts).toMatchObject([{ code: "checkpoint.architecture-unknown" }]);
});

test("an adapter: its settings and its factors by module", async () => {
  const path = writeAdapter(folder, { config: { r: 4, lora_alpha: 10, base_model_name_or_path: "owner/base" } });
  const found = inspection.parse(await inspect(path));
  expect(found).toMatchObject({ kind: "adapter", checkpoint: null });
  expect(found.files.map((file) => file.name)).toEqual(["adapter_config.json", "adapter_model.safetensors"]);
  expect(found.adapter).toMatchObject({
    type: "LORA",
    rank: 4,
    alpha: 10,
    scale: 2.5,
    scaleFormula: "lora_alpha / r",
    baseModel: "owner/base",
    parameters: 2 * 4 * (16 + 16 + 16 + 8),
    dtype: "F32",
  });
  expect(found.roles.map((row) => [row.kind, row.tensors, row.shape, row.layers])).toEqual([
    ["q_proj.lora_A", 2, [4, 16], "0-1"],
    ["q_proj.lora_B", 2, [16, 4], "0-1"],
    ["v_proj.lora_A", 2, [4, 16], "0-1"],
    ["v_proj.lora_B", 2, [8, 4], "0-1"],
  ]);
});

test("factors of every family stand behind their module, shared tensors alone", async () => {
  const kinds = async (id: string) =>
    (await inspect(join(import.meta.dirname, "../../test/golden/breadth/adapters", id))).roles.map(({ kind }) => kind);
  expect(await kinds("vera-1")).toEqual([
    ...["down_proj.vera_lambda_b", "down_proj.vera_lambda_d", "q_proj.vera_lambda_b", "q_proj.vera_lambda_d"],
    ...["vera_A", "vera_B"],
  ]);
  expect(await kinds("frod-2")).toContain("frod_V.self_attn_o_proj");
  expect(await kinds("glora-2")).toContain("v_proj.glora_C.X");
  expect(await kinds("trainable-tokens-2")).toEqual(["embed_tokens.trainable_tokens_delta"]);
});

test("a copy in a folder with spaces and other letters is the same", async () => {
  const first = await inspect(writeCheckpoint(join(folder, "a")));
  const other = join(folder, "Modèle – копия 模型 %20 'x'");
  cpSync(join(folder, "a"), other, { recursive: true });
  const second = await inspect(other);
  expect(second).toEqual({ ...first, path: other, checkpoint: { ...first.checkpoint, path: other } });
});

test.each([
  [[], null],
  [[7], "7"],
  [[3, 1, 2, 0], "0-3"],
  [[0, 1, 5, 8, 7], "0-1, 5, 7-8"],
])("the layers %j are written %j", (numbers, text) => {
  expect(writeRanges(numbers)).toBe(text);
});
