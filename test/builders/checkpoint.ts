/** Small checkpoints and adapters on disk, as transformers and peft lay them out. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { normals } from "./random.ts";
import { type TensorToWrite, writeSafetensors } from "./safetensors.ts";

export interface TinyShape {
  layers: number;
  hidden: number;
  intermediate: number;
  /** Rows of k_proj and v_proj. */
  keyValue: number;
  vocabulary: number;
  /** No lm_head.weight is written. */
  tied: boolean;
  /** Qwen2 has biases on q, k and v. */
  biases: boolean;
}

export const TINY: TinyShape = {
  layers: 2,
  hidden: 16,
  intermediate: 24,
  keyValue: 8,
  vocabulary: 40,
  tied: true,
  biases: true,
};

export interface CheckpointToWrite {
  /** Laid over the Qwen2 configuration of `shape`; `false` writes no config.json. */
  config?: Record<string, unknown> | false;
  shape?: Partial<TinyShape>;
  /** Replaces the Qwen2 tensors of `shape`. */
  tensors?: ReadonlyMap<string, TensorToWrite> | Record<string, TensorToWrite>;
  /** More than one writes shards and model.safetensors.index.json. */
  shards?: number;
  dtype?: string;
  seed?: number;
  metadata?: Record<string, string>;
}

/** config.json of a Qwen2 model of this shape. */
export function tinyConfig(shape: Partial<TinyShape> = {}): Record<string, unknown> {
  const full = { ...TINY, ...shape };
  return {
    architectures: ["Qwen2ForCausalLM"],
    model_type: "qwen2",
    hidden_size: full.hidden,
    intermediate_size: full.intermediate,
    num_hidden_layers: full.layers,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    vocab_size: full.vocabulary,
    tie_word_embeddings: full.tied,
  };
}

/** Every tensor of a Qwen2 model of this shape, seeded, in the order transformers writes. */
export function tinyTensors(shape: Partial<TinyShape> = {}, seed = 1, dtype = "F32"): Map<string, TensorToWrite> {
  const full = { ...TINY, ...shape };
  const { hidden, intermediate, keyValue, vocabulary } = full;
  const tensors = new Map<string, TensorToWrite>();
  const add = (name: string, ...dims: number[]) => {
    const count = dims.reduce((product, size) => product * size, 1);
    tensors.set(name, { dtype, shape: dims, data: normals(count, seed * 7919 + tensors.size, 0.05) });
  };
  add("model.embed_tokens.weight", vocabulary, hidden);
  for (let layer = 0; layer < full.layers; layer++) {
    const at = `model.layers.${layer}`;
    add(`${at}.input_layernorm.weight`, hidden);
    for (const [kind, rows] of [
      ["q_proj", hidden],
      ["k_proj", keyValue],
      ["v_proj", keyValue],
    ] as const) {
      add(`${at}.self_attn.${kind}.weight`, rows, hidden);
      if (full.biases) add(`${at}.self_attn.${kind}.bias`, rows);
    }
    add(`${at}.self_attn.o_proj.weight`, hidden, hidden);
    add(`${at}.post_attention_layernorm.weight`, hidden);
    add(`${at}.mlp.gate_proj.weight`, intermediate, hidden);
    add(`${at}.mlp.up_proj.weight`, intermediate, hidden);
    add(`${at}.mlp.down_proj.weight`, hidden, intermediate);
  }
  add("model.norm.weight", hidden);
  if (!full.tied) add("lm_head.weight", vocabulary, hidden);
  return tensors;
}

/** Writes a model folder and gives its path back. */
export function writeCheckpoint(folder: string, what: CheckpointToWrite = {}): string {
  mkdirSync(folder, { recursive: true });
  if (what.config !== false) writeJson(join(folder, "config.json"), { ...tinyConfig(what.shape), ...what.config });
  const tensors = what.tensors === undefined ? tinyTensors(what.shape, what.seed, what.dtype) : asMap(what.tensors);
  const metadata = what.metadata ?? { format: "pt" };
  if ((what.shards ?? 1) === 1) writeSafetensors(join(folder, "model.safetensors"), tensors, metadata);
  else writeShards(folder, tensors, what.shards as number, metadata);
  return folder;
}

export interface AdapterToWrite {
  /** Laid over a LoRA configuration of rank 4 and alpha 8 on q_proj and v_proj; `false` writes none. */
  config?: Record<string, unknown> | false;
  /** Replaces the rank-4 factors that fit `shape`. */
  tensors?: ReadonlyMap<string, TensorToWrite> | Record<string, TensorToWrite>;
  shape?: Partial<TinyShape>;
  seed?: number;
  dtype?: string;
  metadata?: Record<string, string>;
}

export const TINY_RANK = 4;

/** lora_A and lora_B of q_proj and v_proj in every layer. */
export function tinyFactors(shape: Partial<TinyShape> = {}, seed = 2, dtype = "F32"): Map<string, TensorToWrite> {
  const full = { ...TINY, ...shape };
  const tensors = new Map<string, TensorToWrite>();
  const add = (name: string, rows: number, columns: number) =>
    tensors.set(name, {
      dtype,
      shape: [rows, columns],
      data: normals(rows * columns, seed * 104_729 + tensors.size, 0.05),
    });
  for (let layer = 0; layer < full.layers; layer++) {
    for (const [kind, rows] of [
      ["q_proj", full.hidden],
      ["v_proj", full.keyValue],
    ] as const) {
      const at = `base_model.model.model.layers.${layer}.self_attn.${kind}`;
      add(`${at}.lora_A.weight`, TINY_RANK, full.hidden);
      add(`${at}.lora_B.weight`, rows, TINY_RANK);
    }
  }
  return tensors;
}

/** Writes an adapter folder and gives its path back. */
export function writeAdapter(folder: string, what: AdapterToWrite = {}): string {
  mkdirSync(folder, { recursive: true });
  const config = {
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    r: TINY_RANK,
    lora_alpha: 8,
    target_modules: ["q_proj", "v_proj"],
  };
  if (what.config !== false) writeJson(join(folder, "adapter_config.json"), { ...config, ...what.config });
  const tensors = what.tensors === undefined ? tinyFactors(what.shape, what.seed, what.dtype) : asMap(what.tensors);
  writeSafetensors(join(folder, "adapter_model.safetensors"), tensors, what.metadata ?? { format: "pt" });
  return folder;
}

export function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value, undefined, 2));
}

function writeShards(
  folder: string,
  tensors: ReadonlyMap<string, TensorToWrite>,
  count: number,
  metadata: Record<string, string>,
): void {
  const map: Record<string, string> = {};
  const parts = Array.from({ length: count }, () => new Map<string, TensorToWrite>());
  for (const [position, [name, tensor]] of [...tensors].entries()) {
    const part = Math.floor((position * count) / tensors.size);
    parts[part]?.set(name, tensor);
    map[name] = shardName(part, count);
  }
  for (const [part, content] of parts.entries())
    writeSafetensors(join(folder, shardName(part, count)), content, metadata);
  writeJson(join(folder, "model.safetensors.index.json"), { metadata: { total_size: 0 }, weight_map: map });
}

export function shardName(part: number, count: number): string {
  const five = (value: number) => String(value).padStart(5, "0");
  return `model-${five(part + 1)}-of-${five(count)}.safetensors`;
}

function asMap(
  tensors: ReadonlyMap<string, TensorToWrite> | Record<string, TensorToWrite>,
): ReadonlyMap<string, TensorToWrite> {
  return tensors instanceof Map ? tensors : new Map(Object.entries(tensors));
}
