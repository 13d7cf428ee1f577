/**
 * What stands in the tensors. A base matrix is a Gaussian bulk with a head of strong directions whose strengths fall
 * as a power law, which is how the spectra of trained language models look; a full fine-tune adds a low-rank signal
 * and diffuse noise to it. Every tensor has its own random streams, named after it, so that a checkpoint of fewer
 * layers holds the same values and a tuned checkpoint can be made without reading its base.
 */
import { type Dtype, roundInPlace } from "./dtype.ts";
import { gaussianStream } from "./gaussian.ts";
import { addLowRank, randomLowRank } from "./low-rank.ts";
import { entries, type TensorPlan } from "./tensors.ts";

/** Standard deviation of the bulk's entries: the initial one of these models. */
export const BULK = 0.02;
const HEAD_RANK = 64;
const HEAD_GROUPS = 8;
const HEAD_STRENGTH = 0.24;
const HEAD_DECAY = 0.6;
/** Decay of an update's strengths: flatter than the base's head. */
const UPDATE_DECAY = 0.3;

/** The strength of the base's head direction with that number (from 0), as a singular value before the bulk is added. */
export function headStrength(rows: number, columns: number, index: number): number {
  return HEAD_STRENGTH * Math.sqrt(Math.min(rows, columns)) * (index + 1) ** -HEAD_DECAY;
}

/**
 * Strength at which one more random direction enters the top `k` of the base: that of the k-th head direction, because
 * the bulk lifts and turns equal strengths equally.
 */
export function criticalStrength(rows: number, columns: number, k = 10): number {
  return headStrength(rows, columns, k - 1);
}

/** Singular values of an update of this rank whose strongest is `strength` times the critical one. */
export function updateStrengths(rows: number, columns: number, rank: number, strength: number): number[] {
  const strongest = strength * criticalStrength(rows, columns);
  return Array.from({ length: rank }, (_, index) => strongest * (index + 1) ** -UPDATE_DECAY);
}

/** A full fine-tune: strength and rank of its signal, and the noise's deviation as a share of the bulk's. */
export interface FullUpdate {
  readonly seed: string;
  readonly strength: number;
  readonly rank: number;
  readonly noise: number;
}

/** Fills a block with the next entries of a tensor, row by row: `count` is a whole number of rows. */
export type FillNext = (block: Float32Array, count: number) => void;

function matrixFiller(tensor: TensorPlan, seed: string): FillNext {
  const [rows, columns = 1] = tensor.shape;
  const rank = Math.max(1, Math.min(HEAD_RANK, Math.floor(Math.min(rows, columns) / 2)));
  const strengths = Array.from({ length: rank }, (_, index) => headStrength(rows, columns, index));
  const groups = columns >= HEAD_GROUPS * HEAD_GROUPS ? HEAD_GROUPS : 1;
  const head = randomLowRank({ rows, columns, strengths, groups }, gaussianStream(`${seed}/${tensor.name}/head`));
  const bulk = gaussianStream(`${seed}/${tensor.name}/bulk`);
  let row = 0;
  return (block, count) => {
    bulk(block, count, BULK);
    addLowRank(block, row, count / columns, columns, head);
    row += count / columns;
  };
}

function vectorFiller(tensor: TensorPlan, seed: string): FillNext {
  const stream = gaussianStream(`${seed}/${tensor.name}`);
  const mean = tensor.kind === "norm" ? 1 : 0;
  const deviation = tensor.kind === "norm" ? 0.1 : 0.5;
  return (block, count) => {
    stream(block, count, deviation);
    for (let i = 0; i < count; i++) block[i] = mean + (block[i] as number);
  };
}

/** The entries of a base tensor, not yet rounded to the storage type. */
export function baseFiller(tensor: TensorPlan, seed: string): FillNext {
  return tensor.shape.length === 2 ? matrixFiller(tensor, seed) : vectorFiller(tensor, seed);
}

/** The entries of a fine-tuned tensor: the base's as stored, plus the update; to be rounded by the writer. */
export function tunedFiller(tensor: TensorPlan, seed: string, update: FullUpdate, dtype: Dtype): FillNext {
  const base = baseFiller(tensor, seed);
  const [rows, columns = 1] = tensor.shape;
  const name = `${seed}/${tensor.name}/update/${update.seed}`;
  const strengths = updateStrengths(rows, columns, Math.min(update.rank, rows, columns), update.strength);
  const signal =
    tensor.kind === "matrix" ? randomLowRank({ rows, columns, strengths, groups: 1 }, gaussianStream(name)) : undefined;
  const noise = gaussianStream(`${name}/noise`);
  const change = new Float32Array(Math.max(blockLength(tensor), 1));
  let row = 0;
  return (block, count) => {
    base(block, count);
    roundInPlace(block, count, dtype);
    noise(change, count, update.noise * BULK);
    for (let i = 0; i < count; i++) block[i] = (block[i] as number) + (change[i] as number);
    if (signal) addLowRank(block, row, count / columns, columns, signal);
    row += count / columns;
  };
}

/** Entries in one block: about a million, but whole rows. */
const BLOCK_ENTRIES = 1 << 20;

/** Length of the blocks in which a tensor is made and written. */
export function blockLength(tensor: TensorPlan): number {
  const columns = tensor.shape[1] ?? 1;
  const rows = Math.max(1, Math.floor(BLOCK_ENTRIES / columns));
  return Math.min(entries(tensor), rows * columns);
}
