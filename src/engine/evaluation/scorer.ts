/** Scores requests with a model: plans rows, runs them in a process of its own, and gives finished requests back. */
import type { Alert } from "../../contract/alerts.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { open } from "../checkpoint/open.ts";
import { peakMemoryBytes } from "./estimate.ts";
import { openFactorFile } from "./onnx/factor-file.ts";
import { type ModelShape, modelShape } from "./onnx/model-shape.ts";
import type { FactorFile, RowScores } from "./onnx/protocol.ts";
import { buildScoringModel, type ScoringModel } from "./onnx/scoring-model.ts";
import { type ScoringProcess, startScoringProcess } from "./onnx/scoring-process.ts";
import { type FileGuard, guardFiles } from "./onnx/stamps.ts";
import type { ScoredRequest, ScoreRequest } from "./request.ts";
import { planBatches, planRows, type RowPlan } from "./rows.ts";

export interface ScorerOptions {
  /** Folder of a full checkpoint. */
  model: string;
  /** Modules that may carry factors, as the pairing names them. */
  linears: readonly string[];
  threads: number;
  /** Longest input. */
  maxTokens: number;
  /** Rows of the output layer in the softmax; all when left out. */
  vocabRows?: number | undefined;
  /** Whether rows are trees; by default where the model allows it. */
  packed?: boolean | undefined;
}

export interface Scorer {
  readonly info: {
    vocabRows: number;
    packed: boolean;
    /** `max_position_embeddings`. */
    maxLength: number;
    /** Rows that the output layer has. */
    headRows: number;
    /** Estimated largest anonymous memory of the process. */
    peakMemoryBytes: number;
  };
  /** Oddities of the checkpoint that scoring it brings up. */
  readonly alerts: readonly Alert[];
  /**
   * Yields finished requests (by their index) batch by batch; stops within 100 ms of an abort, which ends the scorer.
   * `factors`: safetensors file of low-rank factors. Throws `evaluation.process-died`, `evaluation.not-finite`,
   * `source.changed`, `job.cancelled`; what was yielded before stays valid.
   */
  score(
    requests: readonly ScoreRequest[],
    factors: string | undefined,
    signal?: AbortSignal,
  ): AsyncIterable<ScoredBatch>;
  close(): Promise<void>;
  /** Of the scoring process. */
  readonly pid: number | undefined;
}

export type ScoredBatch = { index: number; result: ScoredRequest }[];

/** Masked attention over longer rows costs more than the sharing saves. */
const PACKED_INPUT_TOKENS = 2048;

/** Opens the checkpoint and starts the process. Throws `evaluation.unsupported`, `evaluation.runtime-missing`. */
export async function openScorer(options: ScorerOptions, signal?: AbortSignal): Promise<Scorer> {
  const checkpoint = await openModel(options.model);
  const shape = modelShape(checkpoint);
  const packed = options.packed ?? canPack(shape, options.maxTokens);
  const { linears, maxTokens, vocabRows } = options;
  const guard = guardFiles(checkpoint.tensors.values());
  const model = buildScoringModel(checkpoint, { linears, maxTokens, vocabRows, packed });
  const peak = peakMemoryBytes(shape, model);
  const worker = startScoringProcess((end) => explainDeath(end, guard, peak));
  try {
    const { bytes, folder, factors, rowTokens } = model;
    const { vocabulary } = shape;
    const facts = { vocabulary, vocabRows: model.vocabRows, maxTokens, rowTokens, packed, factors };
    await worker.ask({ kind: "open", model: bytes, folder, threads: options.threads, facts }, signal);
    guard.verify();
  } catch (thrown) {
    await worker.kill();
    throw thrown;
  }
  return makeScorer({ model, worker, guard, peak });
}

async function openModel(location: string): Promise<Checkpoint> {
  const opened = await open(location, { as: "full" });
  if (opened.kind === "full") return opened;
  throw new DeltaScopeError("evaluation.unsupported", `${location} is an adapter; name its base.`, location);
}

function canPack(shape: ModelShape, maxTokens: number): boolean {
  return maxTokens <= PACKED_INPUT_TOKENS && shape.windows.every((window) => window === undefined);
}

/** A process that died took its batch with it; either a mapped file changed under it, or memory ran out. */
function explainDeath(end: string, guard: FileGuard, peak: number): DeltaScopeError {
  const changed = guard.changed();
  const reason =
    changed?.message ?? `Scoring needs about ${(peak / 1e9).toFixed(1)} GB of memory beyond the mapped weights.`;
  return new DeltaScopeError("evaluation.process-died", `The scoring process ended ${end}. ${reason}`, changed?.path);
}

interface Opened {
  model: ScoringModel;
  worker: ScoringProcess;
  guard: FileGuard;
  peak: number;
}

function makeScorer(opened: Opened): Scorer {
  const { model, worker, peak } = opened;
  const { vocabRows, packed, shape, alerts } = model;
  const { maxPositions: maxLength, vocabulary: headRows } = shape;
  let busy = false;
  return {
    info: { vocabRows, packed, maxLength, headRows, peakMemoryBytes: peak },
    alerts,
    pid: worker.pid,
    close: () => worker.kill(),
    score: async function* (requests, factors, signal) {
      if (busy) throw new DeltaScopeError("internal", "A scorer answers one question at a time.");
      busy = true;
      try {
        yield* scoreAll(opened, requests, factors, signal);
      } finally {
        busy = false;
      }
    },
  };
}

async function* scoreAll(
  { model, worker, guard }: Opened,
  requests: readonly ScoreRequest[],
  factors: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<ScoredBatch> {
  for (const [index, request] of requests.entries()) checkRequest(request, index, model);
  const plan = planRows(requests, model.packed);
  const owners = ownersOf(plan);
  const file: FactorFile | undefined = factors === undefined ? undefined : await openFactorFile(factors, model.factors);
  await worker.ask({ kind: "factors", file }, signal);
  for (const batch of planBatches(plan.rows)) {
    const rows = batch.flatMap((index) => plan.rows[index] ?? []);
    const answer = await worker.ask({ kind: "batch", rows }, signal);
    guard.verify();
    const scores = answer.kind === "scored" ? answer.rows : [];
    yield batch.flatMap((row, place) => collect(plan, owners.get(row) ?? [], scores[place]));
  }
}

function checkRequest({ input, targets }: ScoreRequest, index: number, { maxTokens, vocabRows, shape }: ScoringModel) {
  const refuse = (why: string): never => {
    throw new DeltaScopeError("evaluation.unsupported", `Request ${index} ${why}.`);
  };
  const outside = (values: readonly number[], end: number): number | undefined =>
    values.find((value) => !Number.isInteger(value) || value < 0 || value >= end);
  if (targets.length === 0 || targets.length > input.length) refuse("scores no token, or more than its input has");
  if (input.length > maxTokens) refuse(`has ${input.length} tokens; the scorer was opened for ${maxTokens}`);
  const token = outside(input, shape.vocabulary);
  if (token !== undefined) refuse(`holds token ${token}, outside the embedding of ${shape.vocabulary} rows`);
  const target = outside(targets, vocabRows);
  if (target !== undefined) refuse(`asks for token ${target}, outside the output layer of ${vocabRows} rows`);
}

/** Of each row the requests that lie in it. */
function ownersOf({ requests }: RowPlan): Map<number, number[]> {
  const owners = new Map<number, number[]>();
  for (const [index, { row }] of requests.entries()) {
    const list = owners.get(row);
    if (list) list.push(index);
    else owners.set(row, [index]);
  }
  return owners;
}

function collect({ requests }: RowPlan, owners: readonly number[], scores: RowScores | undefined): ScoredBatch {
  if (scores === undefined) throw new DeltaScopeError("internal", "The scoring process left a row out.");
  return owners.map((index) => {
    const wants = requests[index]?.wants ?? [];
    const loglikelihood = wants.reduce((sum, want) => sum + (scores.logProbabilities[want] ?? Number.NaN), 0);
    return { index, result: { loglikelihood, greedy: wants.every((want) => scores.greedy[want]) } };
  });
}

export interface ScoringPlan {
  rows: number;
  /** Tokens that run, without padding. */
  tokens: number;
  packed: boolean;
  /** Largest anonymous memory of the scoring process. */
  peakMemoryBytes: number;
}

/** What scoring these requests would take; nothing is run. Throws `evaluation.unsupported`. */
export async function planScoring(
  model: string,
  requests: readonly ScoreRequest[],
  options: Pick<ScorerOptions, "vocabRows" | "packed"> = {},
): Promise<ScoringPlan> {
  const shape = modelShape(await openModel(model));
  const longest = requests.reduce((most, { input }) => Math.max(most, input.length), 1);
  const packed = options.packed ?? canPack(shape, longest);
  const { rows } = planRows(requests, packed);
  const rowTokens = rows.reduce((most, { tokens }) => Math.max(most, tokens.length), 1);
  const tokens = rows.reduce((sum, row) => sum + row.tokens.length, 0);
  const vocabRows = options.vocabRows ?? shape.vocabulary;
  return {
    rows: rows.length,
    tokens,
    packed,
    peakMemoryBytes: peakMemoryBytes(shape, { rowTokens, vocabRows, packed }),
  };
}
