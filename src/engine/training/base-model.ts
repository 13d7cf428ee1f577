/** What a fine-tune must know of its base: sizes, linear layers, and whether it can be tokenized. Headers only. */

import { DeltaScopeError } from "../../contract/errors.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { open } from "../checkpoint/open.ts";
import { own } from "../source/read-json.ts";

export interface LinearLayer {
  /** Module name, without `.weight`. */
  name: string;
  kind: string;
  rows: number;
  columns: number;
}

export interface BaseModel {
  /** The folder that holds its files. */
  folder: string;
  modelType: string | undefined;
  parameters: number;
  /** Linear layers of the blocks; the output head is not among them. */
  linear: LinearLayer[];
  layers: number;
  hidden: number;
  intermediate: number;
  vocabulary: number;
  hasTokenizer: boolean;
  quantised: string | undefined;
}

/** Any one of these is a tokenizer that transformers can load. */
const tokenizerFiles = ["tokenizer.json", "tokenizer.model", "vocab.json", "spiece.model", "tekken.json"];

/** @throws DeltaScopeError as opening a checkpoint does; `checkpoint.no-tensors` for an adapter */
export async function readBaseModel(path: string): Promise<BaseModel> {
  const opened = await open(path);
  if (opened.kind === "adapter") {
    const message = `${path} is an adapter; a fine-tune starts from a full checkpoint.`;
    throw new DeltaScopeError("checkpoint.no-tensors", message, path);
  }
  const { config, source } = opened;
  const linear = linearLayers(opened);
  return {
    folder: source.root,
    modelType: config?.modelType,
    parameters: opened.parameters,
    linear,
    layers: config?.layers ?? 0,
    hidden: config?.hiddenSize ?? 0,
    intermediate: intermediateSize(opened, linear),
    vocabulary: config?.vocabularySize ?? 0,
    hasTokenizer: source.files.some(({ name }) => tokenizerFiles.includes(name)),
    quantised: opened.quantised ?? opened.dequantised,
  };
}

function linearLayers({ tensors, family }: Checkpoint): LinearLayer[] {
  return [...tensors.values()].flatMap(({ name, shape }) => {
    const [rows, columns] = shape;
    if (!name.endsWith(".weight") || shape.length !== 2 || rows === undefined || columns === undefined) return [];
    const { group, kind, layer } = family.role(name);
    const isInBlock = layer !== null && !["norm", "bias", "router", "embedding", "head"].includes(group);
    return isInBlock ? [{ name: name.slice(0, -".weight".length), kind, rows, columns }] : [];
  });
}

function intermediateSize({ config }: Checkpoint, linear: readonly LinearLayer[]): number {
  const written = config === undefined ? undefined : own(config.raw, "intermediate_size");
  if (typeof written === "number" && Number.isSafeInteger(written) && written > 0) return written;
  return linear.reduce((widest, { rows, columns }) => Math.max(widest, rows, columns), 0);
}
