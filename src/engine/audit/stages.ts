/** A chain of fine-tunes: what each stage knows of every task, and what it lost of the best that came before. */
import type { StageRow } from "../../contract/domain/audit.ts";
import type { ChoiceTaskResult } from "../../contract/domain/evaluation.ts";
import type { TaskResult } from "../evaluation/answers.ts";
import { holm } from "../evaluation/statistics/adjust.ts";
import { countFlips, pairAnswers } from "../evaluation/statistics/flips.ts";
import { mcnemarExact } from "../evaluation/statistics/mcnemar.ts";
import type { Task } from "../evaluation/tasks/task.ts";
import { metricOf } from "./compare-choices.ts";
import { isChoiceResult, type ScoredVariant } from "./scoring.ts";
import { isTrained } from "./variants.ts";

/** What the weights of a stage say; null where it was not measured. */
export interface StageWeights {
  intrudersAgainstBase: number | null;
  intrudersAgainstPrevious: number | null;
  relativeDelta: number | null;
}

export const unmeasuredStage: StageWeights = {
  intrudersAgainstBase: null,
  intrudersAgainstPrevious: null,
  relativeDelta: null,
};

interface Known {
  result: ChoiceTaskResult;
  accuracy: number;
}

interface Loss {
  task: string;
  points: number;
  /** Exact McNemar over the items that both stages answered. */
  p: number;
}

/**
 * Stages from 1; the base is stage 0, so what it knew counts as knowledge that a stage can lose. Accuracies are over
 * all items of the task that the stage answered; text tasks have none.
 */
export function stageRows(
  scored: readonly ScoredVariant[],
  tasks: readonly Task[],
  weights: readonly StageWeights[],
): StageRow[] {
  const base = scored.find(({ variant }) => variant.run === undefined);
  const best = base ? knowledge(base, tasks) : new Map<string, Known>();
  const stages = scored
    .filter(({ variant }) => isTrained(variant))
    .map(({ variant: { run = 0, label }, results }) => {
      const known = knowledge({ results }, tasks);
      const losses = tasks.flatMap((task) => lossOf(task, best.get(task.spec.name), known.get(task.spec.name)) ?? []);
      for (const [task, now] of known) if (now.accuracy >= (best.get(task)?.accuracy ?? 0)) best.set(task, now);
      return { run, label, known, losses };
    });
  const adjusted = holm(stages.flatMap(({ losses }) => losses.map(({ p }) => p))).values();
  return stages.map(({ run, label, known, losses }) => ({
    stage: run + 1,
    label,
    ...(weights[run] ?? unmeasuredStage),
    accuracy: Object.fromEntries([...known].map(([task, { accuracy }]) => [task, accuracy])),
    forgetting: Object.fromEntries(losses.map(({ task, points }) => [task, points])),
    forgettingP: Object.fromEntries(losses.map(({ task }) => [task, adjusted.next().value ?? 1])),
  }));
}

/** What a model answered of every task of choices. */
function knowledge({ results }: Pick<ScoredVariant, "results">, tasks: readonly Task[]): Map<string, Known> {
  const known = new Map<string, Known>();
  for (const task of tasks) {
    const result = results.get(task.spec.name);
    if (result === undefined || !isChoiceResult(result)) continue;
    const accuracy = accuracyOf(result, task);
    if (accuracy !== undefined) known.set(task.spec.name, { result, accuracy });
  }
  return known;
}

function lossOf(task: Task, before: Known | undefined, now: Known | undefined): Loss | undefined {
  if (task.kind !== "choice" || before === undefined || now === undefined) return undefined;
  const flips = countFlips(pairAnswers(before.result.perItem, now.result.perItem), metricOf(task));
  const p = mcnemarExact(flips.lost.length, flips.gained.length);
  return { task: task.spec.name, points: before.accuracy - now.accuracy, p };
}

export function accuracyOf(result: TaskResult, { metric }: Task): number | undefined {
  if (!isChoiceResult(result)) return undefined;
  return metric === "acc_norm" ? result.metrics.acc_norm : result.metrics.acc;
}
