/** The checkpoints that are measured, made once and kept. */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { resolveTargets } from "../../tools/make-checkpoint/adapter.ts";
import { makeAdapter, makeBase, makeFull, makeSparse } from "../../tools/make-checkpoint/make.ts";
import { findShape } from "../../tools/make-checkpoint/shapes.ts";
import { projections } from "../../tools/make-checkpoint/tensors.ts";
import { type BenchOptions, wholeLayers } from "./options.ts";

/** One base with what was made of it. */
export interface BenchCase {
  readonly title: "0.5B" | "3B";
  /** Layers in the files, and in the real model. */
  readonly layers: number;
  readonly wholeLayers: number;
  readonly referenceLayers: number;
  readonly base: string;
  readonly adapters: readonly string[];
  readonly full: string;
  /** Outputs and inputs of the linear layers of one transformer layer. */
  readonly shapes: readonly (readonly [outputs: number, inputs: number])[];
}

/** Raise it when the maker writes other bytes, so that kept checkpoints are made again. */
const EDITION = 1;
const SHARD_BYTES = 2e9;
const ADAPTERS = ["0", "1", "2"];

/** Calls `make` with a temporary folder that gets its name when it is complete. */
function once(folder: string, make: (folder: string) => void): string {
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  make(unfinished);
  renameSync(unfinished, folder);
  return folder;
}

/** The shapes without embeddings: the reference leaves these out as well. */
export function prepareCase(options: BenchOptions, size: "small" | "large"): BenchCase {
  const name = size === "small" ? "qwen2.5-0.5b" : "qwen2.5-3b";
  const layers = options.layers[size];
  const shape = findShape(name, layers);
  const place = join(options.folder, `edition-${EDITION}`, `${name}-${layers}`);
  mkdirSync(place, { recursive: true });
  const common = { shape, dtype: "bf16", seed: "0", shardBytes: SHARD_BYTES, embeddings: false } as const;
  const lora = { rank: 16, alpha: 32, strength: 2, targets: resolveTargets(shape, "all") };
  const update = { seed: "0", strength: 0.1, rank: 8, noise: 0.01 };
  const adapter = (seed: string): string =>
    once(join(place, `adapter-${seed}`), (folder) =>
      makeAdapter({ shape, folder, dtype: "f32", seed, baseName: "../base" }, lora),
    );
  return {
    title: size === "small" ? "0.5B" : "3B",
    layers,
    wholeLayers: wholeLayers[size],
    referenceLayers: options.referenceLayers[size],
    base: once(join(place, "base"), (folder) => makeBase({ ...common, folder })),
    full: once(join(place, "full"), (folder) => makeFull({ ...common, folder }, update)),
    adapters: ADAPTERS.map(adapter),
    shapes: projections(shape).map(([, outputs, inputs]) => [outputs, inputs] as const),
  };
}

/** A 3B checkpoint of true size without data, for opening. */
export function prepareSparse(options: BenchOptions): string {
  const place = join(options.folder, `edition-${EDITION}`);
  mkdirSync(place, { recursive: true });
  return once(join(place, "qwen2.5-3b-sparse"), (folder) =>
    makeSparse({
      shape: findShape("qwen2.5-3b"),
      folder,
      dtype: "bf16",
      seed: "0",
      shardBytes: SHARD_BYTES,
      embeddings: true,
    }),
  );
}

export const SCORING_VOCABULARY = findShape("qwen2.5-0.5b").vocabularySize;

/** The 0.5B shape with its embeddings, for scoring; as many layers as the options say. */
export function prepareScoring(options: BenchOptions): string {
  const layers = options.layers.small;
  const place = join(options.folder, `edition-${EDITION}`);
  mkdirSync(place, { recursive: true });
  const shape = findShape("qwen2.5-0.5b", layers);
  const common = { shape, dtype: "bf16", seed: "0", shardBytes: SHARD_BYTES, embeddings: true } as const;
  return once(join(place, `qwen2.5-0.5b-${layers}-whole`), (folder) => makeBase({ ...common, folder }));
}
