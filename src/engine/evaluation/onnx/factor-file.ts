/** The table of a factors file (`<module>.A` [r, in] and `<module>.B` [out, r], F32), checked against the model. */
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { Header, HeaderTensor } from "../../linalg/backend.ts";
import { readHeader } from "../../linalg/header.ts";
import { quote } from "../../source/quote.ts";
import type { FactorInput } from "./graph-parts.ts";
import type { FactorFile, FactorRange } from "./protocol.ts";

/**
 * Throws `evaluation.unsupported` for a module that the scorer was opened without, `safetensors.header-invalid` for
 * factors that are not float32 pairs of its shape, and what the header's reader throws.
 */
export async function openFactorFile(path: string, inputs: readonly FactorInput[]): Promise<FactorFile> {
  const header = await readHeader(path);
  const pairs = findPairs(header, path);
  const sizes = new Map(inputs.map((input) => [input.module, input]));
  const ranges = [...pairs].map(([module, pair]) => toRange(module, pair, sizes.get(module), path));
  return { path, size: header.fileSize, mtimeNs: header.mtimeNs, ranges };
}

interface Pair {
  A?: HeaderTensor;
  B?: HeaderTensor;
}

function findPairs(header: Header, path: string): Map<string, Pair> {
  const pairs = new Map<string, Pair>();
  for (const tensor of header.tensors) {
    const half = tensor.name.slice(-2);
    if (half !== ".A" && half !== ".B") throw invalid(`${quote(tensor.name)} is neither A nor B of a module`, path);
    const module = tensor.name.slice(0, -2);
    pairs.set(module, { ...pairs.get(module), [half.slice(1)]: tensor });
  }
  return pairs;
}

function toRange(module: string, { A, B }: Pair, size: FactorInput | undefined, path: string): FactorRange {
  if (size === undefined) {
    const message = `${quote(module)} has factors, but the model was opened without low-rank inputs for it.`;
    throw new DeltaScopeError("evaluation.unsupported", message, path);
  }
  if (A === undefined || B === undefined) throw invalid(`${quote(module)} lacks its ${A ? "B" : "A"}`, path);
  const rank = A.shape[0] ?? 0;
  requireMatrix(A, [rank, size.inputs], path);
  requireMatrix(B, [size.outputs, rank], path);
  return { module, rank, a: A.begin, b: B.begin };
}

function requireMatrix({ name, dtype, shape }: HeaderTensor, wanted: readonly number[], path: string): void {
  if (dtype === "F32" && shape.join() === wanted.join()) return;
  throw invalid(`${quote(name)} is ${dtype} [${shape}]; F32 [${wanted}] is needed`, path);
}

function invalid(what: string, path: string): DeltaScopeError {
  return new DeltaScopeError("safetensors.header-invalid", `${what}.`, path);
}
