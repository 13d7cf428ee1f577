/** What the store knows of an audit's question, and one of its items; nothing is computed but statistics. */
import type { ItemDetail } from "../../contract/api.ts";
import type { AuditDocument, AuditSpec } from "../../contract/domain/audit.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { TaskResult } from "../evaluation/answers.ts";
import type { ChoiceTask } from "../evaluation/tasks/task.ts";
import { assembleAudit } from "./assemble.ts";
import { measuredRunsOf } from "./measured-runs.ts";
import { type OpenedAudit, openAudit, questionOf } from "./question.ts";
import { isChoiceResult, type ScoredVariant } from "./scoring.ts";
import type { AuditServices } from "./services.ts";
import { type AuditVariant, variantsOf } from "./variants.ts";

/**
 * The same document as a run's, from stored answers only; models and tasks without any are absent.
 * @throws DeltaScopeError when the base cannot be opened or no task can be read
 */
export async function storedAudit(
  spec: AuditSpec,
  services: AuditServices,
  signal?: AbortSignal,
): Promise<AuditDocument> {
  const startedAt = new Date();
  const opened = await openAudit(spec, services);
  const scored: ScoredVariant[] = [];
  for await (const { variant, results } of storedVariants(opened, services)) {
    signal?.throwIfAborted();
    const byTask = new Map(results.map((result) => [result.task, result]));
    scored.push({ variant, results: byTask, weights: undefined });
  }
  const measuredRuns = await measuredRunsOf(opened, services);
  const stageWeights = spec.sequence ? await services.weights.stages(spec) : [];
  return assembleAudit({ ...opened, scored, measuredRuns, stageWeights, startedAt }, signal);
}

/** Models with stored results, in the order of the question; one that cannot be opened has none. */
async function* storedVariants(
  opened: OpenedAudit,
  { scoring }: AuditServices,
): AsyncGenerator<{ variant: AuditVariant; results: TaskResult[] }, void> {
  const isAnswered = await scoring.answered();
  for (const variant of variantsOf(opened.spec)) {
    const question = questionOf(opened, variant);
    if (!(await isAnswered(question).catch(() => false))) continue;
    const results = await scoring.stored(question).catch(() => []);
    if (results.length > 0) yield { variant, results };
  }
}

/**
 * One item as a person reads it, with what every stored model answered to it.
 * @throws DeltaScopeError `task.invalid` when there is no such item of choices
 */
export async function auditItem(
  { task: name, index, ...spec }: AuditSpec & { task: string; index: number },
  services: AuditServices,
): Promise<ItemDetail> {
  const opened = await openAudit({ ...spec, tasks: spec.tasks.filter((task) => task.name === name) }, services);
  const [task] = opened.tasks;
  const place = task?.indices.indexOf(index) ?? -1;
  if (task?.kind !== "choice" || place < 0) throw noItem(name, index);
  const answers: ItemDetail["answers"] = [];
  for await (const { variant, results } of storedVariants(opened, services)) {
    const [result] = results;
    const answer = result && isChoiceResult(result) && result.perItem.find((entry) => entry.index === index);
    if (!answer) continue;
    const { label, arm, lambda } = variant;
    const { loglikelihoods } = answer;
    answers.push({
      run: variant.run === undefined ? null : variant.path,
      ...{ label, arm, lambda, loglikelihoods, probabilities: normalised(loglikelihoods) },
      prediction: task.metric === "acc_norm" ? answer.predictionNorm : answer.prediction,
    });
  }
  return { ...textOf(task, place), task: name, index, answers };
}

function noItem(name: string, index: number): DeltaScopeError {
  return new DeltaScopeError("task.invalid", `Task "${name}" has no question with choices at place ${index}.`, name);
}

function textOf({ items }: ChoiceTask, place: number): Pick<ItemDetail, "context" | "choices" | "gold"> {
  const item = items[place];
  if (item === undefined) return { context: "", choices: [], gold: [] };
  const gold = typeof item.gold === "number" ? [item.gold] : item.gold;
  const context = [item.description, item.context].filter((part) => part !== undefined && part !== "").join("");
  return { context, choices: item.choices, gold };
}

/** exp of log-likelihoods, adding up to 1; the largest is taken out first, so nothing underflows together. */
function normalised(loglikelihoods: readonly number[]): number[] {
  const largest = Math.max(...loglikelihoods);
  const weights = loglikelihoods.map((value) => Math.exp(value - largest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
