/** Device memory that a run will need, in bytes, by the formula of the training notes: computed, never measured. */
import {
  devicesIn,
  type MemoryEstimate,
  type RunConfig,
  type TrainingDevice,
  type TrainingMethod,
} from "../../contract/domain/training.ts";
import type { BaseModel } from "./base-model.ts";
import { targetedLayers } from "./recipes/check-base.ts";

const gibibyte = 2 ** 30;
const marginShare = 0.1;
/** What a driver's context and the allocator take; on the processor, what Python with its libraries takes (measured). */
export const deviceMargin = 0.6 * gibibyte;
const processMargin = 0.8 * gibibyte;
/** Answers have 2 to 16 tokens; logits are built at these places only. */
const answerPositions = 16;
/** What a layer keeps of its inside, against its input alone. */
const withoutCheckpointing = 8;
/** NF4 with its scales. */
const fourBitBytes = 0.55;
/** The largest automatic device batch, and the share of free memory that it may fill: as the trainer chooses. */
const largestBatch = 32;
const usableShare = 0.9;

/** Sizes of a model; `linear` counts the parameters of the blocks' projections. */
export interface ModelSize {
  parameters: number;
  linear: number;
  layers: number;
  hidden: number;
  intermediate: number;
  vocabulary: number;
}

export interface MemoryQuestion {
  size: ModelSize;
  method: TrainingMethod;
  optimizer: "adamw" | "sgd";
  /** Parameters that are trained. */
  trainable: number;
  /** Sequences on the device at once, and tokens of each. */
  batch: number;
  tokens: number;
  /** Positions whose logits are built. */
  answers: number;
  /** Bytes of one activation: 4 in fp32. */
  unit: 2 | 4;
  checkpointing: boolean;
  /** The processor's memory, which holds the process itself too. */
  onProcessor: boolean;
  /** Devices of the run. */
  devices: number;
  /** Devices that weights, gradients and optimizer states are divided among; 1 where each holds all. */
  shards: number;
}

export type MemoryParts = Record<"weights" | "optimizer" | "kept" | "peak" | "margin", number>;

export function memoryParts(question: MemoryQuestion): MemoryParts {
  const { size, optimizer, trainable, batch, tokens, unit, checkpointing, onProcessor, shards } = question;
  const inputs = unit * size.layers * batch * tokens * size.hidden;
  const plain = {
    weights: (frozenBytes(question) + 4 * trainable) / shards,
    optimizer: ((optimizer === "adamw" ? 8 : 4) * trainable) / shards,
    kept: checkpointing ? inputs : withoutCheckpointing * inputs,
    peak: Math.max(peakAtLoss(question), peakAtEnd(question)) + exchangedBytes(question),
  };
  return { ...plain, margin: marginShare * totalOf(plain) + (onProcessor ? processMargin : deviceMargin) };
}

export function totalOf(parts: Record<string, number>): number {
  return Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
}

/** Of a base beside which an adapter is trained. */
function frozenBytes({ size, method, unit }: MemoryQuestion): number {
  if (method === "full") return 0;
  if (method === "qlora") return fourBitBytes * size.linear + 2 * (size.parameters - size.linear);
  // PiSSA and OLoRA take their start from the weights, which must not lose digits.
  return (unit === 4 || method === "pissa" || method === "olora" ? 4 : 2) * size.parameters;
}

/** What several devices need to work together; in data parallel a second copy of all gradients, in buckets. */
function exchangedBytes(question: MemoryQuestion): number {
  if (question.shards > 1) return gatheredBytes(question);
  return question.devices > 1 ? 4 * question.trainable : 0;
}

/** What a device holds whole of a sharded model: all outside the layers, a layer and the next one. */
function gatheredBytes(question: MemoryQuestion): number {
  const { parameters, linear, layers } = question.size;
  const share = 1 - linear / parameters + (2 * linear) / (parameters * Math.max(2, layers));
  return share * (question.method === "full" ? 4 * parameters : frozenBytes(question));
}

/** fp32 logits three times over; full fine-tuning keeps bf16 copies of its weights beside them. */
function peakAtLoss({ size, method, batch, answers, unit }: MemoryQuestion): number {
  const copies = method === "full" && unit === 2 ? size.parameters : 0;
  return 12 * batch * answers * size.vocabulary + copies;
}

/** All gradients, and with them the tied embedding's or one layer computed again. */
function peakAtEnd({ size, method, trainable, batch, tokens, unit, shards }: MemoryQuestion): number {
  if (method === "full") return (4 * size.parameters) / shards + 8 * size.vocabulary * size.hidden;
  return (4 * trainable) / shards + unit * batch * tokens * (16 * size.hidden + 8 * size.intermediate);
}

export function sizeOf(model: BaseModel): ModelSize {
  const { parameters, layers, hidden, intermediate, vocabulary } = model;
  const linear = model.linear.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  return { parameters, linear, layers, hidden, intermediate, vocabulary };
}

/** Parameters that a configuration trains: r (rows + columns) of each wrapped layer, and DoRA's magnitudes. */
export function trainableOf(config: Pick<RunConfig, "method" | "lora">, model: BaseModel): number {
  if (config.method === "full") return model.parameters;
  const magnitudes = config.method === "dora" ? 1 : 0;
  return targetedLayers(config.lora.targets, model).reduce(
    (sum, { rows, columns }) => sum + config.lora.rank * (rows + columns) + magnitudes * rows,
    0,
  );
}

/** The question that a configuration asks on a device, with the device batch that is given or would be chosen. */
export function questionOf(config: RunConfig, model: BaseModel, device: TrainingDevice): MemoryQuestion {
  const { data, method, optimizer, activation_checkpointing: checkpointing } = config;
  const devices = devicesIn(config.device).length;
  const question = {
    ...{ size: sizeOf(model), method, optimizer, checkpointing, devices },
    trainable: trainableOf(config, model),
    tokens: data.cutoff,
    answers: data.loss_on === "all" ? data.cutoff : Math.min(answerPositions, data.cutoff),
    unit: unitOf(config, device),
    onProcessor: device.kind === "cpu",
  };
  const { effective } = config.batch;
  const share = Math.max(1, Math.floor(effective / devices));
  const sharded = { ...question, shards: chosenShards(config, question, device) };
  const batch = config.batch.device === "auto" ? chosenBatch(sharded, share, device) : config.batch.device;
  return { ...sharded, batch };
}

/** As the trainer chooses: all devices where it is asked for, or where only a part of the model fits one. */
function chosenShards(
  config: Pick<RunConfig, "sharding" | "batch" | "method" | "precision">,
  question: Omit<MemoryQuestion, "batch" | "shards">,
  { freeBytes }: TrainingDevice,
): number {
  const { devices } = question;
  if (config.sharding === "full") return devices;
  if (config.sharding === "none" || devices === 1 || whyNotSharded(config) !== undefined) return 1;
  const batch = config.batch.device === "auto" ? 1 : config.batch.device;
  const fits = (shards: number) => totalOf(memoryParts({ ...question, batch, shards })) <= usableShare * freeBytes;
  return !fits(1) && fits(devices) ? devices : 1;
}

/** What of a configuration cannot be divided among devices. */
export function whyNotSharded({ method, precision }: Pick<RunConfig, "method" | "precision">): string | undefined {
  if (method === "qlora") return "The packed weights of a 4-bit base cannot be divided among devices.";
  return precision === "fp16" ? "A sharded run computes in bf16 or fp32, not in fp16." : undefined;
}

/** Without a wish it is bf16 on cards that support it. */
function unitOf({ precision }: RunConfig, { kind, bf16 }: TrainingDevice): 2 | 4 {
  const chosen = precision ?? (bf16 && kind !== "cpu" && kind !== "mps" ? "bf16" : "fp32");
  return chosen === "fp32" ? 4 : 2;
}

/** The largest part of a device's share of the effective batch that fits; 1 where none does. */
function chosenBatch(question: Omit<MemoryQuestion, "batch">, share: number, { freeBytes }: TrainingDevice): number {
  return (
    divisorsOf(share)
      .filter((size) => size <= largestBatch)
      .find((batch) => totalOf(memoryParts({ ...question, batch })) <= usableShare * freeBytes) ?? 1
  );
}

/** Largest first. */
export function divisorsOf(count: number): number[] {
  return Array.from({ length: count }, (_, index) => count - index).filter((size) => count % size === 0);
}

export function estimateMemory(
  config: RunConfig,
  model: BaseModel,
  device: TrainingDevice,
): Pick<MemoryEstimate, "method" | "parts" | "totalBytes" | "others"> {
  const estimated = (method: TrainingMethod) => {
    const parts = memoryParts(questionOf({ ...config, method }, model, device));
    return { method, parts, totalBytes: totalOf(parts) };
  };
  return { ...estimated(config.method), others: otherMethods(config.method, device).map(estimated) };
}

/** What the other ways to train would take: those that a reader chooses between. */
function otherMethods(method: TrainingMethod, { kind }: TrainingDevice): TrainingMethod[] {
  const choices: TrainingMethod[] = kind === "cuda" ? ["full", "lora", "qlora"] : ["full", "lora"];
  const isLikeLora = !["full", "qlora"].includes(method);
  return choices.filter((choice) => choice !== method && !(isLikeLora && choice === "lora"));
}

export function totalFor(config: RunConfig, model: BaseModel, device: TrainingDevice): number {
  return totalOf(memoryParts(questionOf(config, model, device)));
}
