/** What the names of a source's files say about it. */
import type { Source, SourceFile } from "../source/source.ts";

export const ADAPTER_CONFIG = "adapter_config.json";
export const ADAPTER_WEIGHTS = "adapter_model.safetensors";
/** What mlx-lm calls its weights. */
export const MLX_WEIGHTS = "adapters.safetensors";
const ADAPTER_PICKLE = "adapter_model.bin";

/** As transformers cuts an adapter that is larger than `max_shard_size`; nothing loads such parts. */
const ADAPTER_PART = /^adapter_model-\d{1,6}-of-\d{1,6}\.safetensors$/;

export interface Contents {
  /** Either file of a peft adapter, its pickle included, or mlx-lm's. */
  adapter: boolean;
  /** Weights of a model. Beside an adapter a stray safetensors file counts only together with config.json. */
  model: boolean;
  /** Sub-folders that hold an adapter, and those that hold a model. */
  adapterFolders: string[];
  modelFolders: string[];
}

export function rootFiles(source: Source): SourceFile[] {
  return source.files.filter((file) => !file.name.includes("/"));
}

export function rootFile(source: Source, name: string): SourceFile | undefined {
  return source.files.find((file) => file.name === name);
}

export function isPickle(name: string): boolean {
  return /\.(bin|pt|pth|ckpt|pkl|bin\.index\.json)$/.test(name);
}

export function adapterPickle(source: Source): SourceFile | undefined {
  return rootFile(source, ADAPTER_PICKLE);
}

export function adapterParts(source: Source): string[] {
  return rootFiles(source)
    .map((file) => file.name)
    .filter((name) => ADAPTER_PART.test(name));
}

export function lookOver(source: Source): Contents {
  const names = rootFiles(source).map((file) => file.name);
  const adapter = [ADAPTER_CONFIG, ADAPTER_WEIGHTS, ADAPTER_PICKLE, MLX_WEIGHTS].some((name) => names.includes(name));
  return {
    adapter,
    model: holdsModel(names, adapter),
    adapterFolders: foldersWith(source, [ADAPTER_CONFIG, ADAPTER_WEIGHTS]),
    modelFolders: foldersWith(source, ["model.safetensors", "model.safetensors.index.json"]),
  };
}

/** Optimiser pickles beside an adapter (`checkpoint-500`) make no model of it. */
function holdsModel(names: string[], adapter: boolean): boolean {
  const notModel = (name: string): boolean =>
    name === ADAPTER_WEIGHTS || name === MLX_WEIGHTS || ADAPTER_PART.test(name);
  const weights = names.filter((name) => name.endsWith(".safetensors") && !notModel(name));
  // The index of an adapter's parts bears the name of a model's.
  const index =
    names.some((name) => name.endsWith(".safetensors.index.json")) && !names.some((name) => ADAPTER_PART.test(name));
  if (!adapter) return weights.length > 0 || index || names.some(isPickle);
  return index || weights.includes("model.safetensors") || (weights.length > 0 && names.includes("config.json"));
}

function foldersWith(source: Source, names: string[]): string[] {
  const folders = source.files
    .map((file) => file.name.split("/"))
    .filter(([, name]) => name !== undefined && names.includes(name))
    .map(([folder]) => folder as string);
  return [...new Set(folders)];
}
