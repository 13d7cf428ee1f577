/** Tensor tables of several files, read in parallel and checked against the listing. */
import { DeltaScopeError } from "../../contract/errors.ts";
import type { Header } from "../linalg/backend.ts";
import { readHeader } from "../linalg/header.ts";
import type { SourceFile } from "../source/source.ts";
import type { Tensor } from "./checkpoint.ts";

export interface FileTable {
  file: SourceFile;
  /** In the order of their data; `name` is the stored name until canonical naming. */
  tensors: Tensor[];
  metadata: Record<string, string>;
}

/** Throws what `readHeader` throws, and `source.changed` for a file that is not the one that was listed. */
export async function readTables(files: readonly SourceFile[]): Promise<FileTable[]> {
  return Promise.all(files.map(readTable));
}

async function readTable(file: SourceFile): Promise<FileTable> {
  const header = await readHeader(file.path);
  if (header.fileSize !== file.size || header.mtimeNs !== file.mtimeNs) {
    throw new DeltaScopeError("source.changed", `${file.path} changed while it was being opened.`, file.path);
  }
  return { file, tensors: header.tensors.map((tensor) => toTensor(file, tensor)), metadata: header.metadata };
}

function toTensor(file: SourceFile, { name, dtype, shape, begin, end }: Header["tensors"][number]): Tensor {
  const { path, size: fileSize, mtimeNs } = file;
  return { storedName: name, name, path, begin, end, dtype, shape, fileSize, mtimeNs };
}

/** Number of elements of a tensor. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** All elements together, and the dtype that most of them have. */
export function tally(tensors: Iterable<Tensor>): { parameters: number; dtype: string } {
  const byType = new Map<string, number>();
  let parameters = 0;
  for (const { dtype, shape } of tensors) {
    const count = elements(shape);
    parameters += count;
    byType.set(dtype, (byType.get(dtype) ?? 0) + count);
  }
  const most = [...byType].reduce((best, entry) => (entry[1] > best[1] ? entry : best), ["", -1]);
  return { parameters, dtype: most[0] };
}
