/** Tensor tables of several files, read in parallel and checked against the listing. */
import { DeltaScopeError } from "../../contract/errors.ts";
import type { Header } from "../linalg/backend.ts";
import { readHeader } from "../linalg/header.ts";
import { quote } from "../source/quote.ts";
import type { SourceFile } from "../source/source.ts";
import { takenFor } from "../source/taken-for.ts";
import { inTurns, mapInTurns } from "../turns.ts";
import type { Tensor } from "./checkpoint.ts";

export interface FileTable {
  file: SourceFile;
  /** In the order of their data; `name` is the stored name until canonical naming. */
  tensors: Tensor[];
}

/** Most tensors of all files together, as many as one file may have: each costs some hundred bytes of memory. */
export const TENSORS_MAXIMUM = 1_000_000;
/** Files that are read at once: as many as keep a few threads busy, so that a folder of bombs is refused early. */
const FILES_AT_ONCE = 8;

/**
 * Throws what `readHeader` throws, `source.changed` for a file that is not the one that was listed, and
 * `safetensors.header-invalid` for files that together hold more than `limit` tensors.
 */
export async function readTables(files: readonly SourceFile[], limit = TENSORS_MAXIMUM): Promise<FileTable[]> {
  const tables: FileTable[] = [];
  let count = 0;
  for (let first = 0; first < files.length; first += FILES_AT_ONCE) {
    for (const table of await Promise.all(files.slice(first, first + FILES_AT_ONCE).map(readTable))) {
      tables.push(table);
      count += table.tensors.length;
      if (count > limit) throw tooManyTensors(table.file, limit);
    }
  }
  return tables;
}

function tooManyTensors(file: SourceFile, limit: number): DeltaScopeError {
  const message = `With ${quote(file.name)} the files hold more than ${limit} tensors.`;
  return new DeltaScopeError("safetensors.header-invalid", message, file.path);
}

async function readTable(file: SourceFile): Promise<FileTable> {
  const header = await readHeader(file.path).catch((thrown: unknown) => explain(thrown, file.path));
  if (header.fileSize !== file.size || header.mtimeNs !== file.mtimeNs) {
    throw new DeltaScopeError("source.changed", `${file.path} changed while it was being opened.`, file.path);
  }
  return { file, tensors: await mapInTurns(header.tensors, (tensor) => toTensor(file, tensor)) };
}

/** Throws again, and says what the file is where that can be told. */
async function explain(thrown: unknown, path: string): Promise<never> {
  const isBroken = thrown instanceof DeltaScopeError && thrown.code === "safetensors.header-invalid";
  const sentence = isBroken ? await takenFor(path) : undefined;
  if (sentence === undefined) throw thrown;
  const message = `${path} is no safetensors file. ${sentence}`;
  throw new DeltaScopeError("safetensors.header-invalid", message, path, { cause: thrown });
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
export async function tally(tensors: Iterable<Tensor>): Promise<{ parameters: number; dtype: string }> {
  const byType = new Map<string, number>();
  let parameters = 0;
  for await (const part of inTurns(tensors)) {
    for (const { dtype, shape } of part) {
      const count = elements(shape);
      parameters += count;
      byType.set(dtype, (byType.get(dtype) ?? 0) + count);
    }
  }
  const most = [...byType].reduce((best, entry) => (entry[1] > best[1] ? entry : best), ["", -1]);
  return { parameters, dtype: most[0] };
}
