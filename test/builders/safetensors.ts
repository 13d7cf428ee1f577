/** Writes small safetensors files byte by byte, without the engine, so that tests have an independent other side. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Numbers are encoded in `dtype`; bytes are written as they are. */
export type TensorData = ArrayLike<number> | Uint8Array;

export interface TensorToWrite {
  dtype: string;
  shape: number[];
  data: TensorData;
}

export type TensorsToWrite = Record<string, TensorToWrite> | ReadonlyMap<string, TensorToWrite>;

/** The file as bytes; tensors lie in the order given. */
export function safetensorsBytes(tensors: TensorsToWrite, metadata?: Record<string, string>): Buffer {
  const header: [string, unknown][] = metadata === undefined ? [] : [["__metadata__", metadata]];
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [name, tensor] of tensors instanceof Map ? tensors : Object.entries(tensors)) {
    const bytes = encode(tensor);
    header.push([name, { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [offset, offset + bytes.length] }]);
    parts.push(bytes);
    offset += bytes.length;
  }
  return rawSafetensors(
    `{${header.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`,
    Buffer.concat(parts),
  );
}

/** Any header text in front of any data: the way to build broken files. The text is padded to 8 bytes as usual. */
export function rawSafetensors(headerText: string, data: Uint8Array = Buffer.alloc(0), claimedLength?: bigint): Buffer {
  const text = Buffer.from(headerText, "utf8");
  const padded = Buffer.alloc(Math.ceil(text.length / 8) * 8, " ");
  text.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimedLength ?? BigInt(padded.length));
  return Buffer.concat([length, padded, data]);
}

export function writeSafetensors(path: string, tensors: TensorsToWrite, metadata?: Record<string, string>): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, safetensorsBytes(tensors, metadata));
}

function encode({ dtype, data }: TensorToWrite): Buffer {
  if (data instanceof Uint8Array) return Buffer.from(data);
  const [width, write] = encoderOf(dtype);
  const bytes = Buffer.alloc(width * data.length);
  for (let index = 0; index < data.length; index++) write(bytes, data[index] as number, index * width);
  return bytes;
}

type Write = (bytes: Buffer, value: number, at: number) => void;

function encoderOf(dtype: string): [number, Write] {
  const encoder = ENCODERS[dtype];
  if (encoder === undefined) throw new Error(`give the bytes of ${dtype} as a Uint8Array`);
  return encoder;
}

const ENCODERS: Record<string, [number, Write]> = {
  F64: [8, (bytes, value, at) => bytes.writeDoubleLE(value, at)],
  F32: [4, (bytes, value, at) => bytes.writeFloatLE(value, at)],
  F16: [2, (bytes, value, at) => bytes.writeUInt16LE(halfBits(value), at)],
  BF16: [2, (bytes, value, at) => bytes.writeUInt16LE(brainBits(value), at)],
  I64: [8, (bytes, value, at) => bytes.writeBigInt64LE(BigInt(value), at)],
  I32: [4, (bytes, value, at) => bytes.writeInt32LE(value, at)],
  I8: [1, (bytes, value, at) => bytes.writeInt8(value, at)],
  U8: [1, (bytes, value, at) => bytes.writeUInt8(value, at)],
  BOOL: [1, (bytes, value, at) => bytes.writeUInt8(value === 0 ? 0 : 1, at)],
};

const float = new Float32Array(1);
const floatBits = new Uint32Array(float.buffer);

/** Nearest bfloat16, ties to even. */
export function brainBits(value: number): number {
  float[0] = value;
  const bits = floatBits[0] as number;
  if (Number.isNaN(value)) return 0x7fc0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** Nearest binary16, ties to even, with subnormals; overflow becomes infinity. */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | roundEven(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  const exact = size / 2 ** exponent < 1 ? exponent - 1 : exponent;
  // A mantissa that rounds up to 2048 carries into the exponent by itself.
  return sign | (((exact + 15) << 10) + roundEven(size * 2 ** (10 - exact)) - 1024);
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
