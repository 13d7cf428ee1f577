/** Whether two tensors of a file set hold the same bytes. */
import { closeSync, readSync } from "node:fs";
import type { TensorRef } from "../../contract/domain/tensor.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { openRegularSync } from "../source/regular-file.ts";
import type { Steps } from "../turns.ts";

/** Two buffers of this size are all the memory a comparison takes. */
const CHUNK_BYTES = 1 << 20;

/** Stops at the first difference; scales count too. Throws `source.not-found`, `source.unreadable` or `source.truncated`. */
export function* sameBytes(first: TensorRef, second: TensorRef): Steps<boolean> {
  if (first.dtype !== second.dtype || first.shape.join() !== second.shape.join()) return false;
  if (!(yield* sameScales(first.scale, second.scale))) return false;
  const length = first.end - first.begin;
  const a = openRegularSync(first.path);
  try {
    const b = openRegularSync(second.path);
    try {
      for (let done = 0; done < length; done += CHUNK_BYTES) {
        yield;
        const size = Math.min(CHUNK_BYTES, length - done);
        if (!readAt(a, first, done, size).equals(readAt(b, second, done, size))) return false;
      }
      return true;
    } finally {
      closeSync(b);
    }
  } finally {
    closeSync(a);
  }
}

function* sameScales(first: TensorRef["scale"], second: TensorRef["scale"]): Steps<boolean> {
  if (first === undefined || second === undefined) return first === second;
  return first.kind === second.kind && (yield* sameBytes(first.tensor, second.tensor));
}

function readAt(descriptor: number, tensor: TensorRef, offset: number, size: number): Buffer {
  const buffer = Buffer.alloc(size);
  const read = readSync(descriptor, buffer, 0, size, tensor.begin + offset);
  if (read === size) return buffer;
  throw new DeltaScopeError(
    "source.truncated",
    `${tensor.path} ends at byte ${tensor.begin + offset + read}, before ${tensor.end}.`,
    tensor.path,
  );
}
