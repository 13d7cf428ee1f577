/** Scores requests with a model: plans rows, runs them in a process of its own, and gives finished requests back. */
import type { Alert } from "../../contract/alerts.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { open } from "../checkpoint/open.ts";
import { peakMemoryBytes } from "./estimate.ts";
import { type ModelShape, modelShape } from "./onnx/model-shape.ts";
import { buildScoringModel } from "./onnx/scoring-model.ts";
import { startScoringProcess } from "./onnx/scoring-process.ts";
import { type FileGuard, guardFiles } from "./onnx/stamps.ts";
import type { ScoreRequest } from "./request.ts";
import { planRows } from "./rows.ts";
import { type Opened, runRequests, type ScoredBatch } from "./run-requests.ts";

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

/** Masked attention over a row of this length costs a sixth more; beyond, it may cost more than the sharing saves. */
const PACKED_INPUT_TOKENS = 4096;

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
  return makeScorer({ model, worker, guard }, peak);
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

function makeScorer(opened: Opened, peak: number): Scorer {
  const { model, worker } = opened;
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
        yield* runRequests(opened, requests, factors, signal);
      } finally {
        busy = false;
      }
    },
  };
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
