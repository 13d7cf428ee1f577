/** Checkpoints of real size that take no room: a true header in front of a hole in the file. */
import { closeSync, ftruncateSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { shardName, writeJson } from "./checkpoint.ts";

const BYTES: Readonly<Record<string, number>> = { F64: 8, F32: 4, BF16: 2, F16: 2, F8_E4M3: 1, U8: 1 };

export interface SparseTensor {
  name: string;
  dtype: string;
  shape: readonly number[];
}

function bytesOf({ dtype, shape }: SparseTensor): number {
  return shape.reduce((product, length) => product * length, BYTES[dtype] as number);
}

/** One safetensors file whose values are all zero. */
export function writeSparseFile(path: string, tensors: readonly SparseTensor[]): void {
  let end = 0;
  const entries = tensors.map((tensor) => {
    const begin = end;
    end += bytesOf(tensor);
    const { name, dtype, shape } = tensor;
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`;
  });
  const header = Buffer.from(`{${entries.join(",")}}`);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const file = openSync(path, "w");
  writeSync(file, length);
  writeSync(file, header);
  ftruncateSync(file, 8 + header.length + end);
  closeSync(file);
}

/** Shards of at most `shardBytes` with their index, as `save_pretrained` cuts them; one file where that is enough. */
export function writeSparseCheckpoint(
  folder: string,
  { config, tensors, shardBytes = Infinity }: { config: object; tensors: readonly SparseTensor[]; shardBytes?: number },
): string {
  mkdirSync(folder, { recursive: true });
  writeJson(join(folder, "config.json"), config);
  const shards = cut(tensors, shardBytes);
  const names = shards.map((_, index) => (shards.length === 1 ? "model.safetensors" : shardName(index, shards.length)));
  for (const [index, shard] of shards.entries()) writeSparseFile(join(folder, names[index] as string), shard);
  if (shards.length === 1) return folder;
  const map = shards.flatMap((shard, index) => shard.map(({ name }) => [name, names[index]]));
  writeJson(join(folder, "model.safetensors.index.json"), { weight_map: Object.fromEntries(map) });
  return folder;
}

function cut(tensors: readonly SparseTensor[], shardBytes: number): SparseTensor[][] {
  const shards: SparseTensor[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    const bytes = bytesOf(tensor);
    if (shards.length === 0 || bytes > room) {
      shards.push([]);
      room = shardBytes;
    }
    shards.at(-1)?.push(tensor);
    room -= bytes;
  }
  return shards;
}

export interface StackShape {
  layers: number;
  hidden: number;
  intermediate: number;
  keyValue: number;
  vocabulary: number;
  /** Experts of each layer in place of a dense feed-forward layer. */
  experts?: number;
}

/** A Qwen stack without tied embeddings: every matrix, norm and bias in the order of the layers. */
export function stackTensors(shape: StackShape, dtype = "BF16"): SparseTensor[] {
  const { hidden, intermediate, keyValue, vocabulary } = shape;
  const tensor = (name: string, ...dims: number[]): SparseTensor => ({ name, dtype, shape: dims });
  const layers = Array.from({ length: shape.layers }, (_, layer) => {
    const at = `model.layers.${layer}`;
    const attention = [
      ...[tensor(`${at}.self_attn.q_proj.weight`, hidden, hidden), tensor(`${at}.self_attn.q_proj.bias`, hidden)],
      ...[tensor(`${at}.self_attn.k_proj.weight`, keyValue, hidden), tensor(`${at}.self_attn.k_proj.bias`, keyValue)],
      ...[tensor(`${at}.self_attn.v_proj.weight`, keyValue, hidden), tensor(`${at}.self_attn.v_proj.bias`, keyValue)],
      tensor(`${at}.self_attn.o_proj.weight`, hidden, hidden),
    ];
    const places = shape.experts === undefined ? [`${at}.mlp`] : expertPlaces(`${at}.mlp.experts`, shape.experts);
    const feedForward = places.flatMap((place) => [
      tensor(`${place}.gate_proj.weight`, intermediate, hidden),
      tensor(`${place}.up_proj.weight`, intermediate, hidden),
      tensor(`${place}.down_proj.weight`, hidden, intermediate),
    ]);
    const norms = [
      tensor(`${at}.input_layernorm.weight`, hidden),
      tensor(`${at}.post_attention_layernorm.weight`, hidden),
    ];
    return [...attention, ...feedForward, ...norms];
  });
  return [
    tensor("model.embed_tokens.weight", vocabulary, hidden),
    ...layers.flat(),
    tensor("model.norm.weight", hidden),
    tensor("lm_head.weight", vocabulary, hidden),
  ];
}

function expertPlaces(at: string, experts: number): string[] {
  return Array.from({ length: experts }, (_, expert) => `${at}.${expert}`);
}
