/** The small models of test/golden/scoring, copies of them with changes, and their tokens' log-probabilities. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ScoredRequest, ScoreRequest } from "../../src/engine/evaluation/request.ts";
import type { Scorer } from "../../src/engine/evaluation/scorer.ts";
import { type TensorToWrite, writeSafetensors } from "./safetensors.ts";

export const scoringFolder = join(import.meta.dirname, "../golden/scoring");
export const scoringModels = ["q2-tied-bf16", "q2-yarn-window-bf16", "q3-untied-bf16"] as const;

export const modelFolder = (name: string): string => join(scoringFolder, "models", name);
export const factorsFile = (name: string): string => join(scoringFolder, "factors", `${name}.safetensors`);

/** What transformers says about a model, made by tools/make-golden/make_scoring.py. */
export interface TokenTruth {
  ids: number[][];
  base: number[][];
  edited: number[][];
  /** Likeliest token after each place. */
  greedy: number[][];
  /** Only targets below `rows` count. */
  fewerRows: { rows: number; base: number[][] };
}

export interface VariantTruth {
  model: string;
  config: Record<string, unknown>;
  ids: number[][];
  base: number[][];
}

export function readTruth(name: string): TokenTruth {
  return JSON.parse(readFileSync(join(scoringFolder, "truth", `${name}.json`), "utf8")) as TokenTruth;
}

export function readVariants(): [string, VariantTruth][] {
  const text = readFileSync(join(scoringFolder, "truth/variants.json"), "utf8");
  return Object.entries(JSON.parse(text) as Record<string, VariantTruth>);
}

/** A copy of a model under another config.json; nothing else of it is changed. */
export function copyModel(name: string, folder: string, change: (config: Record<string, unknown>) => object): string {
  cpSync(modelFolder(name), folder, { recursive: true });
  const file = join(folder, "config.json");
  const config = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  rmSync(file);
  writeFileSync(file, JSON.stringify(change(config)));
  return folder;
}

export function weightFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".safetensors"));
}

/** One request for every token but the first: what it is predicted from, and itself. */
export function tokenRequests(ids: readonly number[][]): ScoreRequest[] {
  return ids.flatMap((sequence) =>
    sequence.slice(1).map((target, place) => ({ input: sequence.slice(0, place + 1), targets: [target] })),
  );
}

/** All results in the order of the requests. */
export async function scoreAll(
  scorer: Scorer,
  requests: readonly ScoreRequest[],
  factors?: string,
  signal?: AbortSignal,
): Promise<ScoredRequest[]> {
  const results: ScoredRequest[] = [];
  for await (const batch of scorer.score(requests, factors, signal)) {
    for (const { index, result } of batch) results[index] = result;
  }
  return results;
}

export function largestDifference(found: readonly number[], expected: readonly number[]): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  return expected.reduce((most, value, index) => Math.max(most, Math.abs(value - (found[index] ?? Number.NaN))), 0);
}

/** The tensors of a model's files, their bytes as stored. */
export function readTensors(folder: string): Map<string, TensorToWrite> {
  const tensors = new Map<string, TensorToWrite>();
  for (const name of weightFiles(folder)) {
    const bytes = readFileSync(join(folder, name));
    const start = 8 + Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.toString("utf8", 8, start)) as Record<string, StoredTensor>;
    for (const [key, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
      if (key === "__metadata__") continue;
      tensors.set(key, { dtype, shape, data: bytes.subarray(start + offsets[0], start + offsets[1]) });
    }
  }
  return tensors;
}

interface StoredTensor {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** Replaces a model's weight files by one that holds `tensors`. */
export function replaceWeights(folder: string, tensors: ReadonlyMap<string, TensorToWrite>): void {
  for (const name of weightFiles(folder)) rmSync(join(folder, name));
  rmSync(join(folder, "model.safetensors.index.json"), { force: true });
  writeSafetensors(join(folder, "model.safetensors"), tensors);
}

/** Numbers of a tensor that is stored in bfloat16. */
export function brainNumbers({ data }: TensorToWrite): Float32Array {
  const bytes = Buffer.from(data as Uint8Array);
  const bits = Uint32Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readUInt16LE(2 * index) << 16);
  return new Float32Array(bits.buffer);
}
