/**
 * Device memory that a run will need, in bytes, by the formula of the training notes: computed, never measured.
 *
 * The same rule as trainer/deltascope_trainer/memory.py, which decides; both test trainer/samples/memory.json:
 *
 * - A process may fill what is free on its device before the run. Of several cards the one with the least free counts
 *   for all; on the processor the processes share what is free evenly. 0 means that it cannot be told: then all fits.
 * - An estimate fits where it takes at most `usableShare` of that.
 * - `sharding: auto` divides where the whole does not fit, but a part does; with the device batch that is given, else 1.
 * - An automatic device batch is the largest divisor, up to `largestBatch`, of a process's share of the effective batch
 *   that fits; 1 where none does.
 *
 * Here rows are taken to be as long as the cutoff, with answers of 16 tokens; the trainer knows the rows.
 */
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
const largestBatch = 32;
/** More sequences than any device takes at once: a batch of a billion is a slip of the finger, not a list to go through. */
const mostSequences = 4096;
const usableShare = 0.9;
/** What torch's DistributedDataParallel sends at once as it starts. */
const sentBytes = 250 * 2 ** 20;

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
  precision: "bf16" | "fp16" | "fp32";
  /** Bytes of a weight of a frozen base as it is loaded, but for packed ones. */
  baseUnit: 2 | 4;
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
  const { size, optimizer, trainable, batch, tokens, checkpointing, onProcessor, shards } = question;
  const inputs = unitOf(question) * size.layers * batch * tokens * size.hidden;
  const weights = (frozenBytes(question) + 4 * trainable) / shards;
  const plain = {
    weights,
    optimizer: ((optimizer === "adamw" ? 8 : 4) * trainable) / shards,
    kept: checkpointing ? inputs : withoutCheckpointing * inputs,
    peak: withExchange(Math.max(peakAtLoss(question), peakAtEnd(question)), weights, question),
  };
  return { ...plain, margin: marginShare * totalOf(plain) + (onProcessor ? processMargin : deviceMargin) };
}

export function totalOf(parts: Record<string, number>): number {
  return Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
}

/** Bytes of one activation. */
function unitOf({ precision }: Pick<MemoryQuestion, "precision">): 2 | 4 {
  return precision === "fp32" ? 4 : 2;
}

/** Of a base beside which an adapter is trained. */
function frozenBytes({ size, method, baseUnit }: MemoryQuestion): number {
  if (method === "full") return 0;
  if (method === "qlora") return fourBitBytes * size.linear + baseUnit * (size.parameters - size.linear);
  return baseUnit * size.parameters;
}

/**
 * With what several devices need to work together: layers gathered of a divided model. In data parallel gradients lie
 * in buckets once more, and before the first step weights are sent piece by piece.
 */
function withExchange(peak: number, weights: number, question: MemoryQuestion): number {
  if (question.shards > 1) return peak + gatheredBytes(question);
  if (question.devices === 1) return peak;
  return Math.max(peak + 4 * question.trainable, Math.min(sentBytes, weights));
}

/** What a device holds whole of a sharded model: all outside the layers, a layer and the next one. */
function gatheredBytes(question: MemoryQuestion): number {
  const { parameters, linear, layers } = question.size;
  const share = 1 - linear / parameters + (2 * linear) / (parameters * Math.max(2, layers));
  return share * (question.method === "full" ? 4 * parameters : frozenBytes(question));
}

/** fp32 logits three times over; full fine-tuning keeps bf16 copies of its weights beside them. */
function peakAtLoss({ size, method, batch, answers, precision }: MemoryQuestion): number {
  const copies = method === "full" && precision !== "fp32" ? size.parameters : 0;
  return 12 * batch * answers * size.vocabulary + copies;
}

/** All gradients, and with them the tied embedding's or one layer computed again. */
function peakAtEnd(question: MemoryQuestion): number {
  const { size, method, trainable, batch, tokens, shards } = question;
  if (method === "full") return (4 * size.parameters) / shards + 8 * size.vocabulary * size.hidden;
  return (4 * trainable) / shards + unitOf(question) * batch * tokens * (16 * size.hidden + 8 * size.intermediate);
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
  const precision = precisionOf(config, device);
  const question = {
    ...{ size: sizeOf(model), method, optimizer, checkpointing, precision },
    trainable: trainableOf(config, model),
    tokens: data.cutoff,
    answers: data.loss_on === "all" ? data.cutoff : Math.min(answerPositions, data.cutoff),
    baseUnit: baseUnitOf(config, precision),
    onProcessor: device.kind === "cpu",
    devices: devicesIn(config.device).length,
  };
  return { ...question, ...layOut(question, config, roomOf(config, device)) };
}

/** What each process of a run may fill of a device; 0 where it cannot be told. */
export function roomOf(config: Pick<RunConfig, "device">, { kind, freeBytes }: TrainingDevice): number {
  return kind === "cpu" ? Math.floor(freeBytes / devicesIn(config.device).length) : freeBytes;
}

/** Device batch and shards as the trainer chooses them, where the configuration leaves them open. */
export function layOut(
  question: Omit<MemoryQuestion, "batch" | "shards">,
  config: Pick<RunConfig, "sharding" | "batch">,
  room: number,
): Pick<MemoryQuestion, "batch" | "shards"> {
  const { effective, device: wanted } = config.batch;
  const fits = (batch: number, shards: number) =>
    room <= 0 || totalOf(memoryParts({ ...question, batch, shards })) <= usableShare * room;
  const { devices } = question;
  const shards = chosenShards(question, config.sharding, (shards) => fits(wanted === "auto" ? 1 : wanted, shards));
  if (wanted !== "auto") return { batch: wanted, shards };
  const sizes = divisorsOf(Math.max(1, Math.floor(effective / devices)), largestBatch);
  return { batch: sizes.find((size) => fits(size, shards)) ?? 1, shards };
}

function chosenShards(
  question: Pick<MemoryQuestion, "devices" | "method" | "precision">,
  sharding: RunConfig["sharding"],
  fits: (shards: number) => boolean,
): number {
  const { devices } = question;
  if (sharding === "full") return devices;
  if (sharding === "none" || devices === 1 || whyNotSharded(question) !== undefined) return 1;
  return !fits(1) && fits(devices) ? devices : 1;
}

/** What of a configuration cannot be divided among devices. */
export function whyNotSharded({ method, precision }: Pick<RunConfig, "method" | "precision">): string | undefined {
  if (method === "qlora") return "The packed weights of a 4-bit base cannot be divided among devices.";
  return precision === "fp16" ? "A sharded run computes in bf16 or fp32, not in fp16." : undefined;
}

/** Without a wish it is bf16 on cards that support it. */
export function precisionOf({ precision }: RunConfig, { kind, bf16 }: TrainingDevice): MemoryQuestion["precision"] {
  return precision ?? (bf16 && kind !== "cpu" && kind !== "mps" ? "bf16" : "fp32");
}

/** A base is loaded in bf16 where it computes in it and nothing is taken out of its weights, which would lose digits. */
function baseUnitOf({ method, lora }: RunConfig, precision: MemoryQuestion["precision"]): 2 | 4 {
  const isFactored = ["pissa", "pissa_niter_4", "olora"].some((init) => init === lora.init || init === method);
  return precision === "bf16" && !isFactored ? 2 : 4;
}

/** Of a number of sequences, those that a device may take at once, at most `most`; largest first. */
export function divisorsOf(count: number, most: number): number[] {
  const largest = Math.floor(Math.min(count, most, mostSequences));
  return Array.from({ length: largest }, (_, index) => largest - index).filter((size) => count % size === 0);
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

/** Whether a run fits by the estimate, without a rest to be left free. */
export function fitsOn(config: RunConfig, model: BaseModel, device: TrainingDevice): boolean {
  const room = roomOf(config, device);
  return room <= 0 || totalOf(memoryParts(questionOf(config, model, device))) <= room;
}
