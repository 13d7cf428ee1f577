/** Requests through an opened model, batch by batch: rows are planned, run and taken apart again. */
import { DeltaScopeError } from "../../contract/errors.ts";
import { openFactorFile } from "./onnx/factor-file.ts";
import type { FactorFile, RowScores } from "./onnx/protocol.ts";
import type { ScoringModel } from "./onnx/scoring-model.ts";
import type { ScoringProcess } from "./onnx/scoring-process.ts";
import type { FileGuard } from "./onnx/stamps.ts";
import type { ScoredRequest, ScoreRequest } from "./request.ts";
import { planBatches, planRows, type RowPlan } from "./rows.ts";

/** Finished requests by their index. */
export type ScoredBatch = { index: number; result: ScoredRequest }[];

export interface Opened {
  model: ScoringModel;
  worker: ScoringProcess;
  guard: FileGuard;
}

/** See `Scorer.score`. */
export async function* runRequests(
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
    yield batch.flatMap((row, place) => collect(plan, owners.get(row) ?? [], scores[place], requests));
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

function collect(
  plan: RowPlan,
  owners: readonly number[],
  scores: RowScores | undefined,
  requests: readonly ScoreRequest[],
): ScoredBatch {
  if (scores === undefined) throw new DeltaScopeError("internal", "The scoring process left a row out.");
  return owners.map((index) => {
    const wants = plan.requests[index]?.wants ?? [];
    const values = wants.map((want) => scores.logProbabilities[want] ?? Number.NaN);
    requireFinite(values, index, requests[index]?.targets);
    const loglikelihood = values.reduce((sum, value) => sum + value, 0);
    return { index, result: { loglikelihood, greedy: wants.every((want) => scores.greedy[want]) } };
  });
}

function requireFinite(values: readonly number[], index: number, targets: readonly number[] | undefined): void {
  const place = values.findIndex((value) => !Number.isFinite(value));
  if (place < 0) return;
  const token = `token ${place} (id ${targets?.[place]}) of request ${index}`;
  throw new DeltaScopeError("evaluation.not-finite", `The log-probability of ${token} is ${values[place]}.`);
}
