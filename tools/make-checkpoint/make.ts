/** Makes seeded checkpoints and adapters of any Qwen shape; the same options give the same bytes. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AdapterSpec, adapterTensors, factorFiller } from "./adapter.ts";
import { adapterConfig, modelConfig } from "./config.ts";
import type { Dtype } from "./dtype.ts";
import type { ModelShape } from "./shapes.ts";
import { checkpointTensors } from "./tensors.ts";
import { baseFiller, type FullUpdate, tunedFiller } from "./weights.ts";
import { type Contents, planShards, shardIndex, writeSafetensors } from "./writer.ts";

export interface CheckpointOptions {
  readonly shape: ModelShape;
  /** A folder that is empty or does not exist yet. */
  readonly folder: string;
  readonly dtype: Dtype;
  /** Seed of the base's weights; a fine-tune of the base needs the same. */
  readonly seed: string;
  readonly shardBytes: number;
  /** Without embeddings the file lacks the embedding and the head; the configuration stays whole. */
  readonly embeddings: boolean;
}

function freshFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0) throw new Error(`${folder} is not empty; nothing is ever overwritten`);
}

function writeJson(folder: string, name: string, value: object): void {
  writeFileSync(join(folder, name), `${JSON.stringify(value, undefined, 2)}\n`, { flag: "wx" });
}

function writeCheckpoint(options: CheckpointOptions, contents: Contents): void {
  const { folder, dtype } = options;
  freshFolder(folder);
  const shards = planShards(checkpointTensors(options.shape, options.embeddings), dtype, options.shardBytes);
  for (const shard of shards) writeSafetensors(folder, shard, dtype, contents);
  if (shards.length > 1) writeJson(folder, "model.safetensors.index.json", shardIndex(shards, dtype));
  writeJson(folder, "config.json", modelConfig(options.shape, dtype));
}

/** A base model. */
export function makeBase(options: CheckpointOptions): void {
  writeCheckpoint(options, (tensor) => baseFiller(tensor, options.seed));
}

/** A full fine-tune of the base with the same shape, type and seed; the base itself is not read. */
export function makeFull(options: CheckpointOptions, update: FullUpdate): void {
  writeCheckpoint(options, (tensor) => tunedFiller(tensor, options.seed, update, options.dtype));
}

/** A checkpoint of true size whose weights are holes in the file: reading them gives zeros and takes no disk. */
export function makeSparse(options: CheckpointOptions): void {
  writeCheckpoint(options, undefined);
}

export interface AdapterOptions {
  readonly shape: ModelShape;
  /** A folder that is empty or does not exist yet. */
  readonly folder: string;
  readonly dtype: Dtype;
  /** Seed of the factors; another seed gives another adapter for the same base. */
  readonly seed: string;
  /** What `base_model_name_or_path` says. */
  readonly baseName: string;
}

/** A LoRA adapter in peft's format for any base of that shape. */
export function makeAdapter(options: AdapterOptions, spec: AdapterSpec): void {
  const { folder, dtype } = options;
  freshFolder(folder);
  const tensors = adapterTensors(options.shape, spec);
  const fillers = new Map(tensors.map((factor) => [factor.name, factorFiller(factor, options.seed)]));
  writeSafetensors(folder, { file: "adapter_model.safetensors", tensors }, dtype, (tensor) => {
    const fill = fillers.get(tensor.name);
    if (!fill) throw new Error(`no factor ${tensor.name}`);
    return fill;
  });
  writeJson(folder, "adapter_config.json", adapterConfig({ ...spec, baseName: options.baseName }));
}
