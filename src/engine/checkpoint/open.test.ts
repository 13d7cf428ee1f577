import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import {
  shardName,
  tinyFactors,
  tinyTensors,
  writeAdapter,
  writeCheckpoint,
  writeJson,
} from "../../../test/builders/checkpoint.ts";
import { cpuMilliseconds } from "../../../test/builders/cpu-time.ts";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { type TensorToWrite, writeSafetensors } from "../../../test/builders/safetensors.ts";
import { openSource } from "../source/open-source.ts";
import type { AdapterPackage, Checkpoint } from "./checkpoint.ts";
import { open } from "./open.ts";
import { openCheckpoint } from "./open-checkpoint.ts";

let folder = "";

beforeEach(() => {
  folder = temporaryFolder("Modèle 模型 a");
});

const openFull = async (path: string) => (await open(path)) as Checkpoint;
const openAdapter = async (path: string) => (await open(path)) as AdapterPackage;
const codes = (opened: Checkpoint | AdapterPackage) => opened.alerts.map((alert) => alert.code);
const refusal = (code: string, message?: RegExp) =>
  expect.objectContaining({ code, ...(message && { message: expect.stringMatching(message) }) });

test("a tied Qwen2 in one file", async () => {
  const checkpoint = await openFull(writeCheckpoint(folder, { dtype: "BF16" }));
  expect(checkpoint).toMatchObject({ kind: "full", tiedHead: true, dtype: "BF16", quantised: undefined, alerts: [] });
  expect(checkpoint.family.name).toBe("qwen2");
  // 40·16 embedding, 16 final norm, and per layer 2·16 norms, 2·16² and 2·8·16 attention, 32 biases, 3·24·16 MLP.
  expect(checkpoint.parameters).toBe(40 * 16 + 16 + 2 * (32 + 2 * 256 + 2 * 128 + 32 + 3 * 384));
  expect(checkpoint.tensors.get("model.layers.1.self_attn.k_proj.weight")).toMatchObject({
    storedName: "model.layers.1.self_attn.k_proj.weight",
    shape: [8, 16],
    dtype: "BF16",
    path: checkpoint.source.files.at(-1)?.path,
    fileSize: checkpoint.source.files.at(-1)?.size,
    mtimeNs: checkpoint.source.files.at(-1)?.mtimeNs,
  });
});

// What transformers 5.23 does when it loads such files.
test.each([
  ["equals the embedding", true, 0, true],
  ["differs in its last value", true, 1, false],
  ["equals the embedding, but no flag says that they are tied", false, 0, false],
])("a stored head that %s", async (_, flag, change, tied) => {
  const tensors = tinyTensors();
  const { data, ...embedding } = tensors.get("model.embed_tokens.weight") as TensorToWrite;
  const copy = Float32Array.from(data as ArrayLike<number>);
  copy[copy.length - 1] = (copy.at(-1) ?? 0) + change;
  tensors.set("lm_head.weight", { ...embedding, data: copy });
  const checkpoint = await openFull(writeCheckpoint(folder, { tensors, config: { tie_word_embeddings: flag } }));
  expect([checkpoint.tiedHead, checkpoint.tensors.has("lm_head.weight")]).toEqual([tied, !tied]);
  const plain = await openFull(writeCheckpoint(join(folder, "plain")));
  expect(checkpoint.parameters).toBe(plain.parameters + (tied ? 0 : copy.length));
});

test("shards hold the same tensors as one file, whether or not an index names them", async () => {
  const one = await openFull(writeCheckpoint(join(folder, "one"), { shape: { tied: false } }));
  const path = writeCheckpoint(join(folder, "three"), { shape: { tied: false }, shards: 3 });
  const indexed = await openFull(path);
  const byIndexFile = await openFull(join(path, "model.safetensors.index.json"));
  rmSync(join(path, "model.safetensors.index.json"));
  const bare = await openFull(path);
  for (const sharded of [indexed, byIndexFile, bare]) {
    expect([...sharded.tensors.keys()].sort()).toEqual([...one.tensors.keys()].sort());
    expect(new Set([...sharded.tensors.values()].map((tensor) => tensor.path)).size).toBe(3);
    expect(sharded).toMatchObject({ parameters: one.parameters, tiedHead: false, alerts: [] });
  }
  rmSync(join(path, shardName(1, 3)));
  await expect(open(path)).rejects.toEqual(refusal("checkpoint.shard-missing", /model-00002-of-00003/));
});

test("an index that is out of date is told, and the tables count", async () => {
  const path = writeCheckpoint(folder, { shards: 2 });
  const map = Object.fromEntries(
    [...tinyTensors().keys()].slice(1).map((name, index) => [name, shardName(index % 2, 2)]),
  );
  writeJson(join(path, "model.safetensors.index.json"), { weight_map: { ...map, "lm_head.weight": shardName(1, 2) } });
  const checkpoint = await openFull(path);
  expect(checkpoint.tensors.size).toBe(tinyTensors().size);
  expect(checkpoint.alerts).toMatchObject([
    { code: "checkpoint.index-differs", message: expect.stringMatching(/lm_head.*embed_tokens/) },
  ]);
});

test("of a tensor in two shards the indexed one counts; without an index it is refused", async () => {
  const x = { dtype: "F32", shape: [2], data: [1, 2] };
  writeSafetensors(join(folder, shardName(0, 2)), { x, y: x });
  writeSafetensors(join(folder, shardName(1, 2)), { x, z: x });
  await expect(open(folder)).rejects.toEqual(refusal("safetensors.header-invalid", /"x" is stored in/));
  for (const part of [0, 1]) {
    const map = { x: shardName(part, 2), y: shardName(0, 2), z: shardName(1, 2) };
    writeJson(join(folder, "model.safetensors.index.json"), { weight_map: map });
    const checkpoint = await openFull(folder);
    expect(checkpoint.tensors.get("x")?.path.endsWith(shardName(part, 2))).toBe(true);
    expect(checkpoint.tensors.size).toBe(3);
  }
});

test("files beside the weights are named, not read", async () => {
  writeCheckpoint(folder);
  writeFileSync(join(folder, "consolidated.safetensors"), "no safetensors at all");
  const checkpoint = await openFull(folder);
  expect(checkpoint.alerts).toMatchObject([
    { code: "checkpoint.unindexed-file", message: expect.stringMatching(/consolidated\.safetensors/) },
  ]);
});

test("wrapper prefixes are taken off and told", async () => {
  const wrapped = new Map([...tinyTensors()].map(([name, tensor]) => [`_orig_mod.module.${name}`, tensor]));
  const checkpoint = await openFull(writeCheckpoint(folder, { tensors: wrapped }));
  expect([...checkpoint.tensors.keys()]).toEqual([...tinyTensors().keys()]);
  expect(checkpoint.tensors.get("model.norm.weight")?.storedName).toBe("_orig_mod.module.model.norm.weight");
  expect(checkpoint.alerts).toMatchObject([
    { code: "pairing.prefix", message: expect.stringMatching(/"_orig_mod\.module\."/) },
  ]);
  expect(checkpoint.tiedHead).toBe(true);
});

test.each([
  [true, true, true],
  [true, false, false],
  [false, true, false],
])("flag %s, head absent %s: tied %s", async (flag, absent, tied) => {
  const checkpoint = await openFull(
    writeCheckpoint(folder, { shape: { tied: absent }, config: { tie_word_embeddings: flag } }),
  );
  expect(checkpoint.tiedHead).toBe(tied);
});

test("weights without config.json, or of an unheard-of architecture, open with guessed roles", async () => {
  const bare = await openFull(writeCheckpoint(join(folder, "bare"), { config: false }));
  const config = { model_type: "martian", architectures: ["MartianForCausalLM"] };
  const martian = await openFull(writeCheckpoint(join(folder, "martian"), { config }));
  for (const checkpoint of [bare, martian]) {
    expect(checkpoint.alerts).toMatchObject([{ code: "checkpoint.architecture-unknown", severity: "info" }]);
    expect(checkpoint.family.role("model.layers.1.self_attn.q_proj")).toMatchObject({ layer: 1, kind: "q_proj" });
  }
});

test("the state dict of a wrapped model is refused", async () => {
  for (const name of [
    "base_model.model.model.layers.0.q_proj.base_layer.weight",
    "model.layers.0.q_proj.lora_A.default.weight",
  ]) {
    const tensors = { [name]: { dtype: "F32", shape: [1], data: [1] } };
    const path = writeCheckpoint(join(folder, name), { tensors });
    await expect(open(path)).rejects.toEqual(refusal("checkpoint.contains-adapter"));
  }
});

test("an adapter comes as it stands: configuration uninterpreted, keys as stored", async () => {
  const adapter = await openAdapter(
    writeAdapter(join(folder, "lora-r4"), { config: { peft_type: "LORA", r: "not a number" } }),
  );
  expect(adapter).toMatchObject({ kind: "adapter", name: "lora-r4", type: "LORA", dtype: "F32", alerts: [] });
  expect(adapter.config.r).toBe("not a number");
  expect([...adapter.tensors.keys()]).toEqual([...tinyFactors().keys()]);
  expect(adapter.parameters).toBe(2 * 4 * (16 + 16 + 16 + 8));
});

test("positions that an adapter stores as integers are no parameters", async () => {
  const tensors = new Map([
    ["base_model.model.q_proj.shira_weight", { dtype: "F32", shape: [2], data: [1, 2] }],
    ["base_model.model.q_proj.shira_indices", { dtype: "I32", shape: [2, 2], data: new Uint8Array(16) }],
  ]);
  expect(await openAdapter(writeAdapter(folder, { tensors }))).toMatchObject({ parameters: 2, dtype: "F32" });
});

// As `state_dict()` of a peft model holds them, and RandLoRA's own files.
test.each([
  ["base_model.randlora_A", "randlora_A"],
  ["base_model.vera_B.default", "vera_B.default"],
  ["base_model.pvera_A.default", "pvera_A.default"],
  ["base_model.vblora_vector_bank.default", "vblora_vector_bank.default"],
  ["base_model.unilora_theta_d.default", "unilora_theta_d.default"],
  ["base_model.tinylora_v.default.0", "tinylora_v.default.0"],
])("%s, which stands once more beside every module, is counted once", async (shared, copy) => {
  const vector = { dtype: "F32", shape: [2], data: [1, 2] };
  const at = "base_model.model.model.layers.0.self_attn.q_proj";
  const names = [shared, `${at}.${copy}`, `${at.replace("0", "1")}.${copy}`, `${at}.own`];
  const tensors = new Map(names.map((name) => [name, vector]));
  expect(await openAdapter(writeAdapter(folder, { tensors }))).toMatchObject({ parameters: 2 * 2 });
});

test("an adapter opens by either of its files", async () => {
  const path = writeAdapter(folder);
  for (const name of ["adapter_config.json", "adapter_model.safetensors"]) {
    expect((await openAdapter(join(path, name))).tensors.size).toBe(tinyFactors().size);
  }
});

test("safetensors win over the pickle beside them", async () => {
  writeAdapter(folder);
  writeFileSync(join(folder, "adapter_model.bin"), "pickle");
  expect((await open(folder)).kind).toBe("adapter");
});

test("a trainer's checkpoint with optimiser pickles is its adapter", async () => {
  const path = writeAdapter(join(folder, "checkpoint-500"));
  for (const name of ["optimizer.pt", "scheduler.pt", "rng_state.pth", "training_args.bin"])
    writeFileSync(join(path, name), "x");
  writeJson(join(path, "config.json"), {});
  expect((await open(path)).kind).toBe("adapter");
});

test("a model and an adapter in one folder: the caller says which, or names a file", async () => {
  writeCheckpoint(folder);
  writeAdapter(folder);
  await expect(open(folder)).rejects.toEqual(refusal("source.ambiguous"));
  expect((await open(folder, { as: "full" })).tensors.size).toBe(tinyTensors().size);
  expect((await open(folder, { as: "adapter" })).tensors.size).toBe(tinyFactors().size);
  expect((await open(join(folder, "model.safetensors"))).kind).toBe("full");
  expect((await open(join(folder, "adapter_model.safetensors"))).kind).toBe("adapter");
});

test("adapters in sub-folders are listed, and each opens under its own name", async () => {
  for (const name of ["second", "first"]) writeAdapter(join(folder, name));
  await expect(open(folder)).rejects.toEqual(refusal("source.ambiguous", /adapters in "first", "second"/));
  expect((await openAdapter(join(folder, "second"))).name).toBe("second");
  writeCheckpoint(folder);
  expect((await open(folder)).kind).toBe("full");
});

test("LLaMA-Factory's folders: only the converted one is plain", async () => {
  const alerts = [];
  for (const name of ["pissa_init", "pissa_backup", "pissa_converted"])
    alerts.push(codes(await open(writeAdapter(join(folder, name)))));
  expect(alerts).toEqual([["adapter.base-mutated"], ["adapter.base-mutated"], []]);
});

test("adapters of mlx-lm are refused by name, with and without their configuration", async () => {
  const tensors = { "model.layers.0.self_attn.q_proj.lora_a": { dtype: "F32", shape: [2, 1], data: [1, 2] } };
  writeSafetensors(join(folder, "adapters.safetensors"), tensors);
  await expect(open(folder)).rejects.toEqual(refusal("adapter.not-peft"));
  writeJson(join(folder, "adapter_config.json"), { lora_parameters: { rank: 8 } });
  await expect(open(folder)).rejects.toEqual(refusal("adapter.not-peft"));
});

test("weights without their settings, and settings without weights", async () => {
  writeAdapter(join(folder, "a"), { config: false });
  await expect(open(join(folder, "a"))).rejects.toEqual(refusal("adapter.config-missing"));
  writeAdapter(join(folder, "b"));
  rmSync(join(folder, "b", "adapter_model.safetensors"));
  await expect(open(join(folder, "b"))).rejects.toEqual(refusal("adapter.weights-missing"));
  writeFileSync(join(folder, "b", "adapter_model.bin"), "pickle");
  await expect(open(join(folder, "b"))).rejects.toEqual(refusal("adapter.pickle"));
});

test("an adapter that transformers cut in parts is refused as that", async () => {
  writeAdapter(folder);
  renameSync(join(folder, "adapter_model.safetensors"), join(folder, "adapter_model-00001-of-00002.safetensors"));
  writeJson(join(folder, "model.safetensors.index.json"), { weight_map: {} });
  await expect(open(folder)).rejects.toEqual(refusal("adapter.weights-missing", /cut in parts .*Save it again as one/));
});

test("what only looks like weights is called what it is", async () => {
  writeAdapter(folder);
  writeFileSync(join(folder, "adapter_model.safetensors"), "version https://git-lfs.github.com/spec/v1\nsize 12\n");
  await expect(open(folder)).rejects.toEqual(refusal("safetensors.header-invalid", /Git LFS.*git lfs pull/));
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  writeFileSync(join(folder, "model-q4.gguf"), "GGUF");
  await expect(open(folder)).rejects.toEqual(refusal("checkpoint.no-tensors", /GGUF \("model-q4\.gguf"\) is not read/));
});

test("quantised weights open with the name of their format", async () => {
  const tensors = new Map(tinyTensors());
  tensors.set("model.layers.0.mlp.up_proj.qweight", { dtype: "I32", shape: [2, 24], data: new Array(48).fill(7) });
  const config = { quantization_config: { quant_method: "gptq", bits: 4 } };
  expect((await openFull(writeCheckpoint(folder, { tensors, config }))).quantised).toBe("4-bit GPTQ");
});

test("a checkpoint keeps opening while its folder holds an empty sub-folder", async () => {
  mkdirSync(join(writeCheckpoint(folder), "runs"));
  expect((await open(folder)).kind).toBe("full");
});

test("weights that were written again since they were listed are noticed", async () => {
  const source = await openSource(writeCheckpoint(folder));
  utimesSync(join(folder, "model.safetensors"), 1, 1);
  await expect(openCheckpoint(source)).rejects.toEqual(refusal("source.changed", /model\.safetensors/));
});

test("a hundred thousand tensors open in about a second", async () => {
  const data = new Uint8Array(2);
  const names = Array.from({ length: 100_000 }, (_, index) => {
    const [layer, expert] = [Math.floor(index / 768), Math.floor(index / 3) % 256];
    return `model.layers.${layer}.mlp.experts.${expert}.${["gate", "up", "down"][index % 3]}_proj.weight`;
  });
  const tensors = new Map(names.map((name) => [name, { dtype: "BF16", shape: [1, 1], data }]));
  writeCheckpoint(folder, { tensors, shards: 4, config: { model_type: "qwen3_moe" } });
  const started = cpuMilliseconds();
  const checkpoint = await openFull(folder);
  // About one second on free cores; a factor is left for slower ones.
  expect(cpuMilliseconds() - started).toBeLessThan(4000);
  expect(checkpoint.tensors.size).toBe(100_000);
});
