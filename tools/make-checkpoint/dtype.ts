/** The storage types of weights: rounding to nearest, ties to even, as torch does. */

export type Dtype = "bf16" | "f16" | "f32";

export const dtypes: readonly Dtype[] = ["bf16", "f16", "f32"];
export const bytesPerEntry = { bf16: 2, f16: 2, f32: 4 } as const satisfies Record<Dtype, number>;
/** The names that safetensors and transformers use. */
export const safetensorsName = { bf16: "BF16", f16: "F16", f32: "F32" } as const satisfies Record<Dtype, string>;
export const torchName = { bf16: "bfloat16", f16: "float16", f32: "float32" } as const satisfies Record<Dtype, string>;

function encodeBf16(block: Float32Array, count: number): Uint8Array {
  const bits = new Uint32Array(block.buffer, block.byteOffset, count);
  const words = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    const word = bits[i] as number;
    words[i] = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return new Uint8Array(words.buffer);
}

/** The stored bytes of the first `count` entries (little endian); entries must be finite. */
export function encode(block: Float32Array, count: number, dtype: Dtype): Uint8Array {
  if (dtype === "f32") return new Uint8Array(block.buffer, block.byteOffset, 4 * count);
  if (dtype === "bf16") return encodeBf16(block, count);
  return new Uint8Array(Float16Array.from(block.subarray(0, count)).buffer);
}

/** Rounds the first `count` entries in place to what the storage type can hold. */
export function roundInPlace(block: Float32Array, count: number, dtype: Dtype): void {
  if (dtype === "f16") block.set(Float16Array.from(block.subarray(0, count)));
  if (dtype !== "bf16") return;
  const bits = new Uint32Array(block.buffer, block.byteOffset, count);
  for (let i = 0; i < count; i++) {
    const word = bits[i] as number;
    bits[i] = (word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000;
  }
}
