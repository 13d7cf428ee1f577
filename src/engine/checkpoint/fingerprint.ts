/**
 * A fingerprint of weights: equal for a copy under another name, different after training.
 *
 * sha256 of the tensor table, the configuration that matters, and bytes of the data: all of them for small sources,
 * samples for large ones. Folder names, times and the split into shards leave it alone.
 */
import { createHash, type Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { DeltaScopeError } from "../../contract/errors.ts";
import { fileError } from "../source/file-errors.ts";
import { openRegular } from "../source/regular-file.ts";
import { filterInTurns, inTurns, sortInTurns } from "../turns.ts";
import type { Tensor } from "./checkpoint.ts";
import { hashJson } from "./hash-json.ts";

/** Up to this many bytes of data are read whole: about 50 ms. All usual LoRA adapters stay below. */
export const WHOLE_BYTES_MAXIMUM = 64 * 2 ** 20;
/** Bytes of one sample: 2,048 numbers of 16 bits, of which training changes some even where most round back. */
export const SAMPLE_BYTES = 4096;
/** Most samples: opening must not wait for a slow disk, and 1,024 random reads of a cold SSD take some 30 ms. */
export const SAMPLES_MAXIMUM = 1024;

/** Part of the hash, so that a change of the recipe cannot pass for an old fingerprint. */
const VERSION = "deltascope.fingerprint/1";

interface Piece {
  path: string;
  begin: number;
  end: number;
}

/** Hexadecimal sha256; a configuration may be a Buffer with its text. Throws `source.truncated`, `source.not-found` or `source.unreadable`. */
export async function fingerprint(tensors: readonly Tensor[], config: unknown): Promise<string> {
  const sorted = await sortInTurns(tensors, (a, b) => (a.storedName < b.storedName ? -1 : 1));
  const hash = createHash("sha256").update(VERSION);
  await hashJson(hash, config ?? null);
  hash.update("\n");
  await hashTable(hash, sorted);
  const filled = await filterInTurns(sorted, ({ begin, end }) => end > begin);
  const spans = await spansByFile(filled);
  const total = [...spans.values()].reduce((sum, { begin, end }) => sum + end - begin, 0);
  if (total <= WHOLE_BYTES_MAXIMUM) await hashWhole(hash, filled, spans);
  else await hashSamples(hash, chooseSamples(filled));
  return hash.digest("hex");
}

/** One line for each tensor. */
async function hashTable(hash: Hash, sorted: readonly Tensor[]): Promise<void> {
  let separator = "";
  for await (const part of inTurns(sorted)) {
    const lines = part.map(({ storedName, dtype, shape }) => JSON.stringify([storedName, dtype, shape]));
    hash.update(separator + lines.join("\n"));
    separator = "\n";
  }
}

/** From the first to the last byte of each file. */
async function spansByFile(tensors: readonly Tensor[]): Promise<Map<string, Piece>> {
  const spans = new Map<string, Piece>();
  for await (const part of inTurns(tensors)) {
    for (const { path, begin, end } of part) {
      const span = spans.get(path) ?? { path, begin, end };
      spans.set(path, { path, begin: Math.min(begin, span.begin), end: Math.max(end, span.end) });
    }
  }
  return spans;
}

/** Tensors may be a hundred thousand, so each file is read at once and cut in memory. */
async function hashWhole(hash: Hash, sorted: readonly Tensor[], spans: ReadonlyMap<string, Piece>): Promise<void> {
  const contents = new Map<string, Buffer>();
  await withFiles([...spans.keys()], async (files) => {
    for (const span of spans.values()) contents.set(span.path, await readPiece(files, span));
  });
  for await (const part of inTurns(sorted)) {
    for (const { path, begin, end } of part) {
      const start = (spans.get(path) as Piece).begin;
      hash.update((contents.get(path) as Buffer).subarray(begin - start, end - start));
    }
  }
}

/** Samples in the order of the sorted names: two of every tensor, or one of evenly spread ones where there are many. */
function chooseSamples(filled: readonly Tensor[]): Piece[] {
  if (filled.length * 2 <= SAMPLES_MAXIMUM)
    return filled.flatMap((tensor) => [sampleAt(tensor, 0), sampleInside(tensor)]);
  const step = Math.max(1, filled.length / SAMPLES_MAXIMUM);
  const count = Math.min(filled.length, SAMPLES_MAXIMUM);
  return Array.from({ length: count }, (_, index) => sampleInside(filled[Math.floor(index * step)] as Tensor));
}

/** At a position that depends on the tensor's name only. */
function sampleInside(tensor: Tensor): Piece {
  const span = Math.max(1, tensor.end - tensor.begin - SAMPLE_BYTES);
  const seed = createHash("sha256").update(tensor.storedName).digest().readUIntBE(0, 6);
  return sampleAt(tensor, seed % span);
}

function sampleAt({ path, begin, end }: Tensor, offset: number): Piece {
  const start = begin + offset;
  return { path, begin: start, end: Math.min(end, start + SAMPLE_BYTES) };
}

/** Pieces read at once: enough to keep a disk busy, few enough to keep memory small. */
const BATCH_PIECES = 64;

async function hashSamples(hash: Hash, samples: readonly Piece[]): Promise<void> {
  await withFiles([...new Set(samples.map((piece) => piece.path))], async (files) => {
    for (let from = 0; from < samples.length; from += BATCH_PIECES) {
      const batch = samples.slice(from, from + BATCH_PIECES);
      for (const bytes of await Promise.all(batch.map((piece) => readPiece(files, piece)))) hash.update(bytes);
    }
  });
}

type OpenFiles = ReadonlyMap<string, FileHandle>;

async function withFiles(paths: string[], work: (files: OpenFiles) => Promise<void>): Promise<void> {
  const files = new Map<string, FileHandle>();
  try {
    for (const path of paths) files.set(path, await openRegular(path));
    await work(files);
  } finally {
    await Promise.all([...files.values()].map((file) => file.close()));
  }
}

async function readPiece(files: OpenFiles, { path, begin, end }: Piece): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(end - begin);
  const file = files.get(path) as FileHandle;
  const { bytesRead } = await file.read(bytes, 0, bytes.length, begin).catch((thrown: unknown) => {
    throw fileError(thrown, path);
  });
  if (bytesRead === bytes.length) return bytes;
  throw new DeltaScopeError("source.truncated", `${path} ends before byte ${end}, which its header promises.`, path);
}
