/** A base in the layout of GPTQ: the linear layers hidden behind packed integers, everything else as it was. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Checkpoint, Tensor } from "../../src/engine/checkpoint/checkpoint.ts";
import { writeJson } from "./checkpoint.ts";
import { type TensorToWrite, writeSafetensors } from "./safetensors.ts";

/** Values that 4 bits each leave in one I32. */
const PACKED = 8;

/** Writes the folder and gives its path back. */
export function writeQuantisedCopy(base: Checkpoint, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const tensors = new Map<string, TensorToWrite>();
  for (const tensor of base.tensors.values()) {
    const { storedName: name, dtype, shape } = tensor;
    const isLinear = /layers\.\d+\..*_proj\.weight$/.test(name);
    if (!isLinear) tensors.set(name, { dtype, shape, data: bytesOf(tensor) });
    else for (const [part, packed] of packedParts(shape)) tensors.set(name.replace(/weight$/, part), packed);
  }
  writeSafetensors(join(folder, "model.safetensors"), tensors);
  writeJson(join(folder, "config.json"), {
    ...base.config?.raw,
    quantization_config: { quant_method: "gptq", bits: 4 },
  });
  return folder;
}

function packedParts([rows = 0, columns = 0]: number[]): [string, TensorToWrite][] {
  const zeros = (...shape: number[]): TensorToWrite => ({
    dtype: "I32",
    shape,
    data: new Uint8Array(shape.reduce((product, size) => product * size, 4)),
  });
  return [
    ["qweight", zeros(columns / PACKED, rows)],
    ["qzeros", zeros(1, rows / PACKED)],
    ["g_idx", zeros(columns)],
  ];
}

function bytesOf({ path, begin, end }: Tensor): Uint8Array {
  return readFileSync(path).subarray(begin, end);
}
