/** What an audit asks of the scoring; tests answer in its place without a model. */
import type { Alert } from "../../contract/alerts.ts";
import type { ArmOutcome } from "../../contract/domain/edit.ts";
import type { ChoiceTaskResult, EvaluationSettings } from "../../contract/domain/evaluation.ts";
import type { Progress } from "../../contract/progress.ts";
import type { TaskResult } from "../evaluation/answers.ts";
import type { EvaluationStep } from "../evaluation/evaluate.ts";
import type { Task } from "../evaluation/tasks/task.ts";
import type { Work } from "./services.ts";
import type { AuditVariant } from "./variants.ts";

/** One model and what it answered to each task, by the task's name; tasks that could not be scored are absent. */
export interface ScoredVariant {
  variant: AuditVariant;
  results: ReadonlyMap<string, TaskResult>;
  weights: ArmOutcome | undefined;
}

export interface ScoringQuestion {
  variant: AuditVariant;
  tasks: readonly Task[];
  settings: EvaluationSettings;
  threads: number;
}

export interface Scoring {
  /** @throws what stops this variant as a whole; answers that were stored before stay. */
  score(question: ScoringQuestion, signal: AbortSignal | undefined): AsyncIterable<EvaluationStep>;
  /** Results of the tasks whose every item is answered in the store; nothing is computed. */
  stored(question: ScoringQuestion): Promise<TaskResult[]>;
  /** Says of a model whether anything is stored of it now; cheaper than asking for its results. */
  answered(): Promise<(question: ScoringQuestion) => Promise<boolean>>;
  /** Work of one variant. */
  work(question: ScoringQuestion): Promise<Work>;
}

/** What long work tells on its way. */
export type Step = { type: "progress"; progress: Progress } | { type: "alert"; alert: Alert };

export function isChoiceResult(result: TaskResult): result is ChoiceTaskResult {
  return "metrics" in result;
}
