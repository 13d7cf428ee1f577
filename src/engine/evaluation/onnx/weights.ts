/** The tensors of a checkpoint as a graph names them: byte ranges of files, and small vectors by value. */
import { closeSync, fstatSync, readSync } from "node:fs";
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { Checkpoint, Tensor } from "../../checkpoint/checkpoint.ts";
import { quote } from "../../source/quote.ts";
import { openRegularSync } from "../../source/regular-file.ts";
import { locateFiles } from "./locate.ts";
import { ELEMENT, type Element, type ExternalRange } from "./model-writer.ts";
import { widen } from "./widen.ts";

export interface Weight {
  name: string;
  element: Element;
  shape: readonly number[];
  tensor: Tensor;
}

export interface Weights {
  /** Folder that all locations are relative to. */
  folder: string;
  has(name: string): boolean;
  /** The tensor of this shape; throws `evaluation.unsupported` for another shape or dtype, or none at all. */
  get(name: string, shape: readonly number[]): Weight;
  /** Bytes of all rows, or of `count` rows from `first`. */
  range(weight: Weight, first?: number, count?: number): ExternalRange;
}

const ELEMENTS = new Map<string, Element>([
  ["F32", ELEMENT.FLOAT],
  ["F16", ELEMENT.FLOAT16],
  ["BF16", ELEMENT.BFLOAT16],
]);
/** Norm weights and biases of the widest models have some 100 kB. */
const SMALL_BYTES_MAXIMUM = 2 ** 24;

export function openWeights(checkpoint: Checkpoint): Weights {
  const { folder, location } = locateFiles([...checkpoint.tensors.values()].map(({ path }) => path));
  return {
    folder,
    has: (name) => checkpoint.tensors.has(name),
    get: (name, shape) => toWeight(checkpoint, name, shape),
    range: ({ tensor, shape }, first = 0, count = shape[0] ?? 0) => {
      const rowBytes = (tensor.end - tensor.begin) / (shape[0] ?? 1);
      return { location: location(tensor.path), offset: tensor.begin + first * rowBytes, length: count * rowBytes };
    },
  };
}

function toWeight({ tensors, source }: Checkpoint, name: string, shape: readonly number[]): Weight {
  const tensor = tensors.get(name);
  const refuse = (why: string): DeltaScopeError =>
    new DeltaScopeError("evaluation.unsupported", why, tensor?.path ?? source.root);
  if (tensor === undefined) throw refuse(`The checkpoint holds no tensor ${quote(name)}.`);
  const element = ELEMENTS.get(tensor.dtype);
  if (element === undefined)
    throw refuse(`${quote(name)} is stored as ${tensor.dtype}; F32, F16 and BF16 can be scored.`);
  if (tensor.shape.join() !== shape.join()) {
    throw refuse(`${quote(name)} has the shape [${tensor.shape}], but config.json implies [${shape}].`);
  }
  return { name, element, shape, tensor };
}

/** A vector widened to float32. Throws `source.changed` when the file is not the one that was opened. */
export function readVector({ name, tensor }: Weight): Float32Array {
  const length = tensor.end - tensor.begin;
  if (length > SMALL_BYTES_MAXIMUM) {
    throw new DeltaScopeError("evaluation.unsupported", `${quote(name)} has ${length} bytes.`, tensor.path);
  }
  const descriptor = openRegularSync(tensor.path);
  try {
    const { size, mtimeNs } = fstatSync(descriptor, { bigint: true });
    const bytes = new Uint8Array(length);
    const read = readSync(descriptor, bytes, 0, length, tensor.begin);
    if (read === length && Number(size) === tensor.fileSize && mtimeNs === tensor.mtimeNs) {
      return widen(bytes, tensor.dtype);
    }
    throw new DeltaScopeError("source.changed", `${tensor.path} changed while it was being read.`, tensor.path);
  } finally {
    closeSync(descriptor);
  }
}
