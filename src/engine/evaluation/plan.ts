/** What scoring a variant will take, before it starts. */
import { createHash } from "node:crypto";
import type { ScoringPlan } from "../../contract/api.ts";
import { missingOf, type TaskAnswers } from "./answers.ts";
import { type EvaluationQuestion, openQuestion } from "./evaluate.ts";
import { type ModelShape, modelShape } from "./onnx/model-shape.ts";
import type { Reference } from "./reference.ts";
import type { ScoreRequest } from "./request.ts";
import { prepareWork } from "./score-tasks.ts";
import { planScoring } from "./scorer.ts";
import type { EvaluationServices, Plans } from "./services.ts";

export type VariantPlan = Pick<ScoringPlan, "items" | "stored" | "tokens" | "peakMemoryBytes" | "estimatedSeconds">;

/** Multiplications and additions of one thread in a second, measured with matrices of a 0.5B model on AVX-512. */
const operationsPerSecond = 8e10;

/** Opening a model and its process. */
const startSeconds = 0.5;

/** @throws DeltaScopeError what opening and tokenising throw */
export async function planVariant(
  question: EvaluationQuestion,
  services: EvaluationServices,
  signal?: AbortSignal,
): Promise<VariantPlan> {
  const { answers, reference } = await openQuestion(question, services);
  const missing = answers.map(missingOf);
  const count = (tasks: readonly { items: readonly unknown[] }[]) =>
    tasks.reduce((sum, { items }) => sum + items.length, 0);
  const items = count(question.tasks);
  const key = keyOf(answers, reference);
  const model = question.variant.base;
  const work = remembered(services.plans, key, () => measure(answers, { model, reference, services }, signal));
  const { operations, ...size } = await work;
  const estimatedSeconds = operations === 0 ? 0 : startSeconds + operations / operationsPerSecond / question.threads;
  return { items, stored: items - count(missing), ...size, estimatedSeconds };
}

/** The variants of an audit mostly ask for the same items of models of one shape. */
function keyOf(answers: readonly TaskAnswers[], { settings }: Reference): string {
  const hash = createHash("sha256").update(JSON.stringify(settings));
  for (const each of answers) hash.update(`\n${each.task.fingerprint} ${missingOf(each).indices.join(" ")}`);
  return hash.digest("hex");
}

/** Questions of one audit while it is being put together. */
const mostKept = 64;

function remembered(plans: Plans, key: string, make: () => Promise<Size>): Promise<Size> {
  const known = plans.get(key) ?? make();
  plans.delete(key);
  plans.set(key, known);
  known.catch(() => plans.delete(key));
  for (const oldest of plans.keys()) if (plans.size > mostKept) plans.delete(oldest);
  return known;
}

/** Tokens after sharing, and what multiplying them costs. */
export interface Size {
  tokens: number;
  peakMemoryBytes: number;
  operations: number;
}

async function measure(
  answers: readonly TaskAnswers[],
  { model, reference, services }: { model: string; reference: Reference; services: EvaluationServices },
  signal: AbortSignal | undefined,
): Promise<Size> {
  const requests: ScoreRequest[] = [];
  for (const each of answers) {
    const { made } = await prepareWork(each, reference, signal);
    for (const request of made.requests) requests.push(request);
  }
  if (requests.length === 0) return { tokens: 0, peakMemoryBytes: 0, operations: 0 };
  const { vocabRows } = reference.settings;
  const { tokens, peakMemoryBytes } = await planScoring(model, requests, { vocabRows });
  const shape = modelShape(await services.models.openFull(model));
  const predictions = requests.reduce((sum, { targets }) => sum + targets.length, 0);
  const weights = tokens * weightsPerToken(shape) + predictions * vocabRows * shape.hidden;
  return { tokens, peakMemoryBytes, operations: 2 * weights };
}

/** Weights of all linear layers, each of which meets every token once. */
function weightsPerToken({ layers, hidden, heads, keyValueHeads, headSize, intermediate }: ModelShape): number {
  const attention = 2 * hidden * headSize * (heads + keyValueHeads);
  return layers * (attention + 3 * hidden * intermediate);
}
