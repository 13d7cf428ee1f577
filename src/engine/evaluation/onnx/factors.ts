/** Low-rank factors of edits and adapters, read from their file as float32. */
import { closeSync, fstatSync, readSync } from "node:fs";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { openRegularSync } from "../../source/regular-file.ts";
import type { FactorInput } from "./graph-parts.ts";
import type { FactorFile, FactorRange } from "./protocol.ts";

export interface FactorPair {
  rank: number;
  /** [rank, inputs] */
  a: Float32Array;
  /** [outputs, rank] */
  b: Float32Array;
}

/** The pair of a module; rank 0, which changes nothing at all, for those without one. */
export type Factors = (module: string) => FactorPair;

const NONE: FactorPair = { rank: 0, a: new Float32Array(0), b: new Float32Array(0) };

/** Throws `source.changed` when the file is not the one whose header was read. */
export function readFactors(file: FactorFile | undefined, inputs: readonly FactorInput[]): Factors {
  const pairs = file === undefined ? new Map<string, FactorPair>() : readPairs(file, inputs);
  return (module) => pairs.get(module) ?? NONE;
}

function readPairs(file: FactorFile, inputs: readonly FactorInput[]): Map<string, FactorPair> {
  const sizes = new Map(inputs.map((input) => [input.module, input]));
  const descriptor = openRegularSync(file.path);
  try {
    const { size, mtimeNs } = fstatSync(descriptor, { bigint: true });
    if (Number(size) !== file.size || mtimeNs !== file.mtimeNs) throw changed(file.path);
    return new Map(file.ranges.map((range) => [range.module, readPair(descriptor, file, range, sizes)]));
  } finally {
    closeSync(descriptor);
  }
}

function readPair(descriptor: number, file: FactorFile, range: FactorRange, sizes: ReadonlyMap<string, FactorInput>) {
  const size = sizes.get(range.module);
  if (size === undefined) throw new DeltaScopeError("internal", `${range.module} takes no factors.`, file.path);
  const read = (begin: number, count: number): Float32Array => {
    const values = new Float32Array(count);
    const bytes = new Uint8Array(values.buffer);
    if (readSync(descriptor, bytes, 0, bytes.length, begin) !== bytes.length) throw changed(file.path);
    return values;
  };
  const { rank, a, b } = range;
  return { rank, a: read(a, rank * size.inputs), b: read(b, rank * size.outputs) };
}

function changed(path: string): DeltaScopeError {
  return new DeltaScopeError("source.changed", `${path} changed while its factors were being read.`, path);
}
