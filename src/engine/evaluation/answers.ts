/** Answers that the store holds to a task, and the figures that follow from them. */
import type { Alert } from "../../contract/alerts.ts";
import type { ChoiceTaskResult, TextTaskResult } from "../../contract/domain/evaluation.ts";
import type { ScoreRow } from "../store/scores.ts";
import type { Store } from "../store/types.ts";
import { evaluationId } from "./question.ts";
import type { Reference } from "./reference.ts";
import { requestsOf } from "./requests.ts";
import { resultOf, taskResult } from "./results.ts";
import type { ItemFault, Task } from "./tasks/task.ts";

export type TaskResult = ChoiceTaskResult | TextTaskResult;

/** One task as one variant answers it. */
export interface TaskAnswers {
  task: Task;
  /** Under which the store keeps them. */
  evaluation: string;
  /** By the item's place in the file. */
  rows: Map<number, ScoreRow>;
  /** What was odd about the items when they were asked. */
  alerts: readonly Alert[];
}

export async function readAnswers(
  task: Task,
  variant: string,
  { settings }: Reference,
  store: Store,
): Promise<TaskAnswers> {
  const evaluation = evaluationId(variant, task.fingerprint, settings);
  const [rows, alerts] = await Promise.all([store.scores(evaluation), store.evaluationAlerts(evaluation)]);
  return { task, evaluation, rows: new Map(rows.map((row) => [row.item, row])), alerts };
}

export function countAnswered({ task, rows }: TaskAnswers): number {
  return task.indices.filter((index) => rows.has(index)).length;
}

export function isComplete(answers: TaskAnswers): boolean {
  return countAnswered(answers) === answers.task.indices.length;
}

/** The task with only those items whose answers are not there yet. */
export function missingOf({ task, rows }: TaskAnswers): Task {
  return itemsWhere(task, (index) => !rows.has(index));
}

export function itemsWhere(task: Task, wanted: (index: number) => boolean): Task {
  const places = task.indices.flatMap((index, place) => (wanted(index) ? [place] : []));
  const indices = places.map((place) => task.indices[place] as number);
  // The kinds are told apart because each has a list of its own type.
  if (task.kind === "choice") return { ...task, indices, items: places.flatMap((place) => task.items[place] ?? []) };
  return { ...task, indices, items: places.flatMap((place) => task.items[place] ?? []) };
}

/**
 * Figures over the items that are answered. An item of a choice without any answer cannot be asked, and why is found
 * out again. Throws `task.invalid` when no item is left.
 */
export async function resultFrom(
  { task, rows }: TaskAnswers,
  reference: Reference,
  signal?: AbortSignal,
): Promise<TaskResult> {
  const answered = task.indices.flatMap((index, place) => {
    const row = rows.get(index);
    return row && isAnswer(task, row) ? [resultOf(task, place, scoredOf(row), row.tokens)] : [];
  });
  return taskResult(task, answered, [...task.errors, ...(await faultsOf({ task, rows }, reference, signal))]);
}

function isAnswer(task: Task, row: ScoreRow): boolean {
  return task.kind === "text" || row.loglikelihoods.length > 0;
}

function scoredOf({ loglikelihoods, greedy }: ScoreRow) {
  return loglikelihoods.map((loglikelihood, index) => ({ loglikelihood, greedy: greedy[index] ?? false }));
}

async function faultsOf(
  { task, rows }: Pick<TaskAnswers, "task" | "rows">,
  { vocabulary, settings }: Reference,
  signal: AbortSignal | undefined,
): Promise<readonly ItemFault[]> {
  const faulty = itemsWhere(task, (index) => {
    const row = rows.get(index);
    return row !== undefined && !isAnswer(task, row);
  });
  return faulty.items.length === 0 ? [] : (await requestsOf(faulty, vocabulary, settings, signal)).errors;
}

export function withoutTwins(alerts: readonly Alert[]): Alert[] {
  return [...new Map(alerts.map((alert) => [`${alert.code} ${alert.message}`, alert])).values()];
}
