/** One tuned model against the base on one task. */
import type { TaskResult } from "../evaluation/answers.ts";
import type { Task } from "../evaluation/tasks/task.ts";
import { compareChoices } from "./compare-choices.ts";
import { compareTexts } from "./compare-texts.ts";
import type { Comparison } from "./comparison.ts";
import type { IntervalOf } from "./intervals.ts";
import { isChoiceResult } from "./scoring.ts";
import type { AuditVariant } from "./variants.ts";

/** Undefined where no item was scored on both sides. */
export async function compareTask(
  task: Task,
  results: { base: TaskResult; tuned: TaskResult },
  variant: AuditVariant,
  intervalOf: IntervalOf,
): Promise<Comparison | undefined> {
  const { base, tuned } = results;
  if (task.kind === "choice" && isChoiceResult(base) && isChoiceResult(tuned)) {
    return compareChoices(task, { base, tuned }, variant, intervalOf);
  }
  if (task.kind === "text" && !isChoiceResult(base) && !isChoiceResult(tuned)) {
    return compareTexts(task, { base, tuned }, variant, intervalOf);
  }
  return undefined;
}
