/** Writes safetensors files tensor by tensor, so that memory holds one block whatever the checkpoint's size. */
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { bytesPerEntry, type Dtype, encode, safetensorsName } from "./dtype.ts";
import { entries, type TensorPlan } from "./tensors.ts";
import { blockLength, type FillNext } from "./weights.ts";

/** A file of a checkpoint and the tensors in it. */
export interface Shard {
  readonly file: string;
  readonly tensors: readonly TensorPlan[];
}

/** Where the numbers of a tensor come from; undefined leaves a hole of the right size. */
export type Contents = ((tensor: TensorPlan) => FillNext) | undefined;

const tensorBytes = (tensor: TensorPlan, dtype: Dtype): number => entries(tensor) * bytesPerEntry[dtype];

/** Bytes of all tensors. */
export function totalBytes(tensors: readonly TensorPlan[], dtype: Dtype): number {
  return tensors.reduce((sum, tensor) => sum + tensorBytes(tensor, dtype), 0);
}

function greedyGroups(tensors: readonly TensorPlan[], dtype: Dtype, shardBytes: number): TensorPlan[][] {
  const groups: TensorPlan[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    const bytes = tensorBytes(tensor, dtype);
    if (groups.length === 0 || bytes > room) {
      groups.push([]);
      room = shardBytes;
    }
    groups.at(-1)?.push(tensor);
    room -= bytes;
  }
  return groups;
}

/** Deals the tensors out to files of at most `shardBytes` (or one tensor), named as transformers names them. */
export function planShards(tensors: readonly TensorPlan[], dtype: Dtype, shardBytes: number): Shard[] {
  const groups = greedyGroups(tensors, dtype, shardBytes);
  const number = (value: number): string => String(value).padStart(5, "0");
  const name = (index: number): string =>
    groups.length === 1 ? "model.safetensors" : `model-${number(index + 1)}-of-${number(groups.length)}.safetensors`;
  return groups.map((group, index) => ({ file: name(index), tensors: group }));
}

/** The header: 8 bytes of length, then JSON padded with spaces to a multiple of 8. */
export function safetensorsHeader(tensors: readonly TensorPlan[], dtype: Dtype): Buffer {
  let offset = 0;
  const table = tensors.map((tensor) => {
    const start = offset;
    offset += tensorBytes(tensor, dtype);
    return [
      tensor.name,
      { dtype: safetensorsName[dtype], shape: tensor.shape, data_offsets: [start, offset] },
    ] as const;
  });
  const json = JSON.stringify({ __metadata__: { format: "pt" }, ...Object.fromEntries(table) });
  const length = Math.ceil(Buffer.byteLength(json) / 8) * 8;
  const header = Buffer.alloc(8 + length, " ");
  header.writeBigUInt64LE(BigInt(length), 0);
  header.write(json, 8);
  return header;
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

function writeTensor(file: number, tensor: TensorPlan, dtype: Dtype, fill: FillNext): void {
  const total = entries(tensor);
  const block = new Float32Array(blockLength(tensor));
  for (let done = 0; done < total; done += block.length) {
    const count = Math.min(block.length, total - done);
    fill(block, count);
    writeWhole(file, encode(block, count, dtype));
  }
}

/** Writes one file; without contents it gets its header and its full length, but no data blocks on the disk. */
export function writeSafetensors(folder: string, shard: Shard, dtype: Dtype, contents: Contents): void {
  const file = openSync(join(folder, shard.file), "wx");
  try {
    const header = safetensorsHeader(shard.tensors, dtype);
    writeWhole(file, header);
    if (!contents) ftruncateSync(file, header.length + totalBytes(shard.tensors, dtype));
    else for (const tensor of shard.tensors) writeTensor(file, tensor, dtype, contents(tensor));
  } finally {
    closeSync(file);
  }
}

/** The index of a sharded checkpoint. */
export function shardIndex(shards: readonly Shard[], dtype: Dtype): object {
  const tensors = shards.flatMap((shard) => shard.tensors);
  const parameters = tensors.reduce((sum, tensor) => sum + entries(tensor), 0);
  const pairs = shards.flatMap((shard) => shard.tensors.map((tensor) => [tensor.name, shard.file] as const));
  return {
    metadata: { total_parameters: parameters, total_size: totalBytes(tensors, dtype) },
    weight_map: Object.fromEntries(pairs),
  };
}
