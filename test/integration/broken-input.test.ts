/** What people really hand in by mistake: every row ends in its own code and a sentence that names the culprit. */
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DeltaScopeError, ErrorCode } from "../../src/contract/errors.ts";
import { toDeltaScopeError } from "../../src/contract/errors.ts";
import { prepare } from "../../src/engine/analysis/prepare.ts";
import {
  type AdapterToWrite,
  type CheckpointToWrite,
  tinyFactors,
  tinyTensors,
  writeAdapter,
  writeCheckpoint,
} from "../builders/checkpoint.ts";
import { temporaryFolder } from "../builders/folders.ts";
import type { TensorToWrite } from "../builders/safetensors.ts";

interface Broken {
  name: string;
  code: ErrorCode;
  /** What message and place have to say. */
  says: RegExp;
  base?: (folder: string) => void;
  tuned?: (folder: string) => void;
}

const Q = "model.layers.0.self_attn.q_proj";
const PREFIX = "base_model.model.";

function checkpoint(what: CheckpointToWrite = {}) {
  return (folder: string) => void writeCheckpoint(folder, what);
}

function adapter(what: AdapterToWrite = {}) {
  return (folder: string) => void writeAdapter(folder, what);
}

function configured(config: Record<string, unknown>) {
  return adapter({ config });
}

/** The two files of an adapter, with every key changed. */
function renamed(change: (key: string) => string) {
  return adapter({ tensors: new Map([...tinyFactors()].map(([key, tensor]) => [change(key), tensor])) });
}

function zeros(dtype: string, ...shape: number[]): TensorToWrite {
  const width = { F32: 4, I32: 4, U8: 1, I8: 1, F8_E4M3: 1, F8_E8M0: 1 }[dtype] ?? 2;
  return { dtype, shape, data: new Uint8Array(shape.reduce((product, length) => product * length, width)) };
}

/** A checkpoint whose q_proj of layer 0 is stored in another way. */
function quantised(parts: Record<string, TensorToWrite>, config: Record<string, unknown> = {}) {
  const tensors = tinyTensors();
  tensors.delete(`${Q}.weight`);
  for (const [part, tensor] of Object.entries(parts)) tensors.set(`${Q}.${part}`, tensor);
  return checkpoint({ tensors, config });
}

function file(name: string, content: string | Uint8Array = "x") {
  return (folder: string) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), content);
  };
}

function both(...steps: ((folder: string) => void)[]) {
  return (folder: string) => {
    for (const step of steps) step(folder);
  };
}

/** Half of the last shard is gone, as after an interrupted download. */
function cutShard(folder: string): void {
  writeCheckpoint(folder, { shards: 2 });
  const path = join(folder, "model-00002-of-00002.safetensors");
  truncateSync(path, Math.floor(readFileSync(path).length / 2));
}

const only = (part: string) => new Map([...tinyFactors()].filter(([key]) => key.includes(part)));
const noFolder = () => undefined;
const emptyFolder = (folder: string) => void mkdirSync(folder);

const places: Broken[] = [
  { name: "tuned folder missing", code: "source.not-found", says: /tuned/, tuned: noFolder },
  { name: "base folder missing", code: "source.not-found", says: /base/, base: noFolder },
  { name: "empty folder", code: "source.empty", says: /tuned/, tuned: emptyFolder },
  { name: "base is an adapter", code: "pairing.base-is-adapter", says: /is an adapter/, base: adapter() },
  {
    name: "pickled checkpoint",
    code: "checkpoint.pickle",
    says: /\.bin/,
    tuned: both(file("config.json", "{}"), file("pytorch_model.bin")),
  },
  {
    name: "pickled adapter",
    code: "adapter.pickle",
    says: /adapter_model\.bin/,
    tuned: both(file("adapter_config.json", '{"peft_type":"LORA"}'), file("adapter_model.bin")),
  },
  {
    name: "adapter without weights",
    code: "adapter.weights-missing",
    says: /adapter_model\.safetensors/,
    tuned: file("adapter_config.json", '{"peft_type":"LORA"}'),
  },
  {
    name: "adapter without config",
    code: "adapter.config-missing",
    says: /adapter_config\.json/,
    tuned: adapter({ config: false }),
  },
  {
    name: "mlx adapter",
    code: "adapter.not-peft",
    says: /mlx|lora_parameters|adapters\.safetensors/,
    tuned: both(file("adapter_config.json", '{"lora_parameters":{"rank":8}}'), file("adapters.safetensors")),
  },
  {
    name: "adapters in sub-folders only",
    code: "source.ambiguous",
    says: /style/,
    tuned: both(emptyFolder, (folder) => adapter()(join(folder, "style"))),
  },
  {
    name: "model and adapter in one folder",
    code: "source.ambiguous",
    says: /adapter/,
    tuned: both(checkpoint(), adapter()),
  },
  {
    name: "shard missing",
    code: "checkpoint.shard-missing",
    says: /model-00009/,
    tuned: both(
      checkpoint({ shards: 2 }),
      file(
        "model.safetensors.index.json",
        JSON.stringify({ weight_map: { [`${Q}.weight`]: "model-00009-of-00009.safetensors" } }),
      ),
    ),
  },
  { name: "shard cut off", code: "source.truncated", says: /model-00002-of-00002/, tuned: cutShard },
  {
    name: "config is not JSON",
    code: "checkpoint.config-invalid",
    says: /config\.json/,
    tuned: both(checkpoint(), file("config.json", "{'a': 1}")),
  },
];

const weights: Broken[] = [
  {
    name: "another model's width",
    code: "pairing.shape-mismatch",
    says: /\[.*\].*\[.*\]/,
    tuned: checkpoint({ shape: { hidden: 32 } }),
  },
  {
    name: "nothing in common",
    code: "pairing.empty",
    says: /None of the 1 tensors/,
    tuned: checkpoint({ tensors: { other: zeros("F32", 2, 2) } }),
  },
  {
    name: "state dict of a wrapped model",
    code: "checkpoint.contains-adapter",
    says: /base_layer/,
    tuned: checkpoint({
      tensors: { [`${Q}.base_layer.weight`]: zeros("F32", 4, 4), [`${Q}.lora_A.default.weight`]: zeros("F32", 2, 4) },
    }),
  },
  {
    name: "GPTQ",
    code: "checkpoint.quantised",
    says: /GPTQ.*16-bit/,
    base: quantised({
      qweight: zeros("I32", 2, 16),
      qzeros: zeros("I32", 1, 2),
      scales: zeros("F16", 1, 16),
      g_idx: zeros("I32", 16),
    }),
    tuned: checkpoint(),
  },
  {
    name: "AWQ",
    code: "checkpoint.quantised",
    says: /AWQ/,
    base: quantised({ qweight: zeros("I32", 16, 2), qzeros: zeros("I32", 1, 2), scales: zeros("F16", 1, 16) }),
    tuned: checkpoint(),
  },
  {
    name: "bitsandbytes 4-bit",
    code: "checkpoint.quantised",
    says: /4-bit/,
    tuned: quantised({
      weight: zeros("U8", 128, 1),
      "weight.absmax": zeros("F32", 4),
      "weight.quant_map": zeros("F32", 16),
      "weight.quant_state.bitsandbytes__nf4": zeros("U8", 8),
    }),
  },
  {
    name: "bitsandbytes 8-bit",
    code: "checkpoint.quantised",
    says: /8-bit/,
    tuned: quantised({ weight: zeros("I8", 16, 16), SCB: zeros("F32", 16) }),
  },
  {
    name: "compressed integers",
    code: "checkpoint.quantised",
    says: /compressed/i,
    tuned: quantised({
      weight_packed: zeros("I32", 16, 2),
      weight_scale: zeros("BF16", 16, 1),
      weight_shape: zeros("I32", 2),
    }),
  },
  {
    name: "FP8 with scales of a kind that is not read",
    code: "checkpoint.quantised",
    says: /FP8 without a scale.*q_proj\.weight/,
    tuned: quantised({ weight: zeros("F8_E4M3", 16, 16), weight_scale_inv: zeros("F8_E8M0", 1, 1) }),
  },
  {
    name: "FP8 with scales for blocks of another size",
    code: "checkpoint.config-invalid",
    says: /weight_scale_inv.*\[2, 1\].*\[16, 16\].*\[1, 1\].*128 × 128/,
    base: quantised({ weight: zeros("F8_E4M3", 16, 16), weight_scale_inv: zeros("F32", 2, 1) }),
    tuned: checkpoint(),
  },
  {
    name: "FP8 with a block size that is none",
    code: "checkpoint.config-invalid",
    says: /block size.*\[0,128\]/,
    tuned: quantised(
      { weight: zeros("F8_E4M3", 16, 16), weight_scale_inv: zeros("F32", 1, 1) },
      { quantization_config: { quant_method: "fp8", weight_block_size: [0, 128] } },
    ),
  },
  {
    name: "quantised by config alone",
    code: "checkpoint.quantised",
    says: /hqq/i,
    base: checkpoint({ config: { quantization_config: { quant_method: "hqq" } } }),
    tuned: checkpoint(),
  },
];

const adapters: Broken[] = [
  {
    name: "wrong base: other width",
    code: "adapter.shape-mismatch",
    says: /q_proj.*32/s,
    tuned: adapter({ shape: { hidden: 32 } }),
  },
  {
    name: "torch.compile prefix",
    code: "adapter.keys-unrecognised",
    says: /_orig_mod\./,
    tuned: renamed((key) => key.replace(PREFIX, "_orig_mod.")),
  },
  { name: "DDP prefix", code: "adapter.keys-unrecognised", says: /module\./, tuned: renamed((key) => `module.${key}`) },
  {
    name: "no prefix",
    code: "adapter.keys-unrecognised",
    says: /base_model\.model\./,
    tuned: renamed((key) => key.replace(PREFIX, "")),
  },
  {
    name: "kohya names",
    code: "adapter.keys-unrecognised",
    says: /lora_/,
    tuned: renamed((key) =>
      key.replace(PREFIX, "lora_unet_").replace("lora_A", "lora_down").replace("lora_B", "lora_up"),
    ),
  },
  { name: "no tensors", code: "adapter.keys-unrecognised", says: /tensors/, tuned: adapter({ tensors: {} }) },
  {
    name: "partitions never gathered",
    code: "adapter.shape-mismatch",
    says: /\[0\].*gather/s,
    tuned: adapter({ tensors: new Map([...tinyFactors()].map(([key]) => [key, zeros("F32", 0)])) }),
  },
  { name: "only lora_B", code: "adapter.tensor-missing", says: /lora_A/, tuned: adapter({ tensors: only("lora_B") }) },
  { name: "rank null", code: "adapter.config-invalid", says: /`r`/, tuned: configured({ r: null }) },
  { name: "rank zero", code: "adapter.config-invalid", says: /`r`/, tuned: configured({ r: 0 }) },
  { name: "rank is a word", code: "adapter.config-invalid", says: /`r`/, tuned: configured({ r: "four" }) },
  {
    name: "rank differs from the factors",
    code: "adapter.shape-mismatch",
    says: /q_proj/,
    tuned: configured({ r: 8 }),
  },
  {
    name: "a pattern that matches nothing",
    code: "adapter.config-invalid",
    says: /target_modules.*q_proj/s,
    tuned: configured({ target_modules: "q_proj" }),
  },
  {
    name: "pattern null",
    code: "adapter.config-invalid",
    says: /alpha_pattern/,
    tuned: configured({ alpha_pattern: null }),
  },
  {
    name: "alpha by a pattern with look-around",
    code: "adapter.config-invalid",
    says: /alpha_pattern/,
    tuned: configured({ alpha_pattern: { "(?!k)q_proj": 2 } }),
  },
  {
    name: "promised head absent",
    code: "adapter.tensor-missing",
    says: /norm/,
    tuned: configured({ modules_to_save: ["norm"] }),
  },
  {
    name: "no peft_type",
    code: "adapter.config-invalid",
    says: /peft_type/,
    tuned: configured({ peft_type: undefined }),
  },
  {
    name: "prefix tuning",
    code: "adapter.no-static-delta",
    says: /PREFIX_TUNING/,
    tuned: configured({ peft_type: "PREFIX_TUNING" }),
  },
  {
    name: "mixture by router",
    code: "adapter.no-static-delta",
    says: /XLORA/,
    tuned: configured({ peft_type: "XLORA" }),
  },
  { name: "PSOFT", code: "adapter.not-reproducible", says: /PSOFT/, tuned: configured({ peft_type: "PSOFT" }) },
  { name: "another family", code: "adapter.unsupported", says: /PEANUT/, tuned: configured({ peft_type: "PEANUT" }) },
  { name: "CorDA", code: "adapter.unsupported", says: /CorDA/, tuned: configured({ init_lora_weights: "corda" }) },
  {
    name: "PiSSA with a random SVD",
    code: "adapter.not-reproducible",
    says: /PiSSA/,
    tuned: configured({ init_lora_weights: "pissa_niter_16" }),
  },
  {
    name: "token row outside",
    code: "adapter.config-invalid",
    says: /400/,
    tuned: adapter({
      config: { trainable_token_indices: [400] },
      tensors: new Map([
        ...tinyFactors(),
        [`${PREFIX}model.embed_tokens.token_adapter.trainable_tokens_delta`, zeros("F32", 1, 16)],
      ]),
    }),
  },
  {
    name: "adapter config is a list",
    code: "adapter.config-invalid",
    says: /adapter_config\.json/,
    tuned: both(adapter(), file("adapter_config.json", "[]")),
  },
];

async function refusal({ base = checkpoint(), tuned = adapter() }: Broken): Promise<DeltaScopeError> {
  const folder = temporaryFolder("broken input ü");
  base(join(folder, "base"));
  tuned(join(folder, "tuned"));
  const settings = { k: 10, epsilon: 0.5, side: "left", quick: false, exact: false, asMerged: false, seed: 0 } as const;
  try {
    const runs = [{ label: "tuned", path: join(folder, "tuned") }];
    await prepare({ base: join(folder, "base"), tuned: runs, settings, embeddings: false });
  } catch (thrown) {
    return toDeltaScopeError(thrown);
  }
  throw new Error("nothing was refused");
}

test.each([...places, ...weights, ...adapters].map((row) => [row.name, row] as const))("%s", async (_, row) => {
  const error = await refusal(row);
  const told = `${error.message} (${error.where})`;
  expect({ code: error.code, told }).toEqual({ code: row.code, told: expect.stringMatching(row.says) });
  expect(error.tip).toBeTruthy();
});

test("an adapter whose base is named nowhere on this machine", async () => {
  const path = writeAdapter(join(temporaryFolder(), "tuned"), {
    config: { base_model_name_or_path: "nobody/no-model" },
  });
  const settings = { k: 10, epsilon: 0.5, side: "left", quick: false, exact: false, asMerged: false, seed: 0 } as const;
  await expect(prepare({ tuned: [{ label: "tuned", path }], settings, embeddings: false })).rejects.toMatchObject({
    code: "adapter.base-missing",
  });
});
