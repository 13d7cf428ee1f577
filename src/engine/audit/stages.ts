/** A chain of fine-tunes: what each stage knows of every task, and what it lost of the best that came before. */
import type { StageRow } from "../../contract/domain/audit.ts";
import type { TaskResult } from "../evaluation/answers.ts";
import type { Task } from "../evaluation/tasks/task.ts";
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
  const best = new Map(base ? accuracies(base, tasks) : []);
  return scored
    .filter(({ variant }) => isTrained(variant))
    .map((entry) => {
      const accuracy = accuracies(entry, tasks);
      const forgetting = accuracy.flatMap(([task, value]) => {
        const before = best.get(task);
        return before === undefined ? [] : [[task, before - value] as const];
      });
      for (const [task, value] of accuracy) best.set(task, Math.max(value, best.get(task) ?? value));
      const run = entry.variant.run ?? 0;
      return {
        stage: run + 1,
        label: entry.variant.label,
        ...(weights[run] ?? unmeasuredStage),
        accuracy: Object.fromEntries(accuracy),
        forgetting: Object.fromEntries(forgetting),
      };
    });
}

function accuracies({ results }: ScoredVariant, tasks: readonly Task[]): (readonly [string, number])[] {
  return tasks.flatMap((task) => {
    const result = results.get(task.spec.name);
    const value = result && accuracyOf(result, task);
    return value === undefined ? [] : [[task.spec.name, value] as const];
  });
}

export function accuracyOf(result: TaskResult, { metric }: Task): number | undefined {
  if (!isChoiceResult(result)) return undefined;
  return metric === "acc_norm" ? result.metrics.acc_norm : result.metrics.acc;
}
