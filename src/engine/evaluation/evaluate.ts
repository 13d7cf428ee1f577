/** One variant on tasks: what the store knows is not computed again, what is missing is kept batch by batch. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { EvaluationSettings, VariantSpec } from "../../contract/domain/evaluation.ts";
import { DeltaScopeError, toDeltaScopeError } from "../../contract/errors.ts";
import type { Progress } from "../../contract/progress.ts";
import {
  countAnswered,
  isComplete,
  readAnswers,
  resultFrom,
  type TaskAnswers,
  type TaskResult,
  withoutTwins,
} from "./answers.ts";
import { identify, type VariantIdentity } from "./question.ts";
import { prefixAlerts, type Reference } from "./reference.ts";
import { type Scored, scoreMissing } from "./score-missing.ts";
import type { EvaluationServices } from "./services.ts";
import type { Task } from "./tasks/task.ts";

export interface EvaluationQuestion {
  variant: VariantSpec;
  label: string;
  tasks: readonly Task[];
  settings: EvaluationSettings;
  /** Of the scoring process. */
  threads: number;
}

export type EvaluationStep =
  | { type: "progress"; progress: Progress }
  | { type: "alert"; alert: Alert }
  /** Every item of a task is answered; `stored`: without computing anything. */
  | { type: "scored"; result: TaskResult; stored: boolean };

export interface EvaluationResult extends Scored {
  identity: VariantIdentity;
  reference: Reference;
  /** In the order asked; tasks without any item that could be scored are absent. */
  results: TaskResult[];
  /** Items that came from the store. */
  reused: number;
}

/** A question with what the store knows of it. */
export interface OpenedQuestion {
  question: EvaluationQuestion;
  identity: VariantIdentity;
  reference: Reference;
  answers: TaskAnswers[];
}

/**
 * Steps as they come, then the whole. A cancelled or killed evaluation keeps every batch that was finished.
 * @throws DeltaScopeError `source.changed` when files were changed meanwhile, which voids what was scored since the
 * start; `evaluation.settings-differ`, `job.cancelled`, and what opening, tokenising and scoring throw
 */
export async function* evaluateVariant(
  question: EvaluationQuestion,
  services: EvaluationServices,
  signal?: AbortSignal,
): AsyncGenerator<EvaluationStep, EvaluationResult> {
  const opened = await openQuestion(question, services);
  const { identity, reference, answers } = opened;
  for (const alert of await openingAlerts(opened)) yield { type: "alert", alert };
  const reused = answers.reduce((sum, each) => sum + countAnswered(each), 0);
  const told = createTeller(reference, signal);
  for (const each of answers.filter(isComplete)) yield* told.tell(each, true);
  const scored = answers.every(isComplete) ? nothingScored : yield* scoreMissing(opened, services, told.tell, signal);
  return { ...scored, identity, reference, results: told.inOrder(answers), reused };
}

const nothingScored: Scored = { merged: undefined, packed: false, requests: 0, rows: 0, tokens: 0 };

/** Figures of one task, once all of its items are answered. */
export type TellTask = (answers: TaskAnswers, stored: boolean) => AsyncGenerator<EvaluationStep, void>;

function createTeller(reference: Reference, signal: AbortSignal | undefined) {
  const results = new Map<string, TaskResult>();
  async function* tell(answers: TaskAnswers, stored: boolean): AsyncGenerator<EvaluationStep, void> {
    const result = await resultFrom(answers, reference, signal).catch(toDeltaScopeError);
    if (!(result instanceof DeltaScopeError)) {
      results.set(answers.evaluation, result);
      yield { type: "scored", result, stored };
    } else if (result.code === "task.invalid") {
      const { file } = answers.task.spec;
      yield { type: "alert", alert: makeAlert("task.items-failed", result.message, file, "error") };
    } else {
      throw result;
    }
  }
  const inOrder = (answers: readonly TaskAnswers[]) =>
    answers.flatMap(({ evaluation }) => results.get(evaluation) ?? []);
  return { tell, inOrder };
}

/** Results of the tasks whose every item is stored; nothing is computed. */
export async function storedVariant(
  question: Omit<EvaluationQuestion, "threads">,
  services: EvaluationServices,
): Promise<TaskResult[]> {
  const { reference, answers } = await openQuestion({ ...question, threads: 1 }, services);
  return Promise.all(answers.filter(isComplete).map((each) => resultFrom(each, reference)));
}

/** @throws DeltaScopeError what opening and reading a vocabulary throw */
export async function openQuestion(
  question: EvaluationQuestion,
  { models, references, store }: EvaluationServices,
): Promise<OpenedQuestion> {
  const identity = await identify(question.variant, models);
  const reference = await references.open(question.variant.base, question.settings);
  const read = (task: Task) => readAnswers(task, identity.fingerprint, reference, store);
  return { question, identity, reference, answers: await Promise.all(question.tasks.map(read)) };
}

async function openingAlerts({ question, identity, reference, answers }: OpenedQuestion): Promise<Alert[]> {
  const { tuned } = identity.variant;
  return withoutTwins([
    ...reference.alerts,
    ...question.tasks.flatMap(({ alerts }) => alerts),
    ...answers.flatMap(({ alerts }) => alerts),
    ...(tuned === undefined ? [] : await prefixAlerts(tuned, reference, question.label)),
  ]);
}
