/** Answers made up for tests: a task of choices, and models that have chosen items wrong. */
import type { ChoiceResult, TaskSpec, TextResult } from "../../src/contract/domain/evaluation.ts";
import type { TaskResult } from "../../src/engine/evaluation/answers.ts";
import { taskResult } from "../../src/engine/evaluation/results.ts";
import type { ChoiceTask, TextTask } from "../../src/engine/evaluation/tasks/task.ts";

export function choiceTask(
  name: string,
  count: number,
  role: TaskSpec["role"] = "retain",
  group?: (index: number) => string,
): ChoiceTask {
  const indices = Array.from({ length: count }, (_, index) => index);
  return {
    spec: { name, file: `${name}.jsonl`, role },
    kind: "choice",
    items: indices.map((index) => ({
      context: `<b>${name} ${index}?</b>`,
      choices: ["yes", "no", "maybe", "never"],
      gold: 0,
      ...(group && { group: group(index) }),
    })),
    indices,
    fingerprint: `${name} ${count}`,
    metric: "acc",
    alerts: [],
    errors: [],
  };
}

export function textTask(name: string, count: number): TextTask {
  const indices = Array.from({ length: count }, (_, index) => index);
  return {
    spec: { name, file: `${name}.jsonl`, role: "retain" },
    kind: "text",
    items: indices.map((index) => ({ text: `${name} ${index}` })),
    indices,
    fingerprint: `${name} ${count}`,
    metric: "bits_per_byte",
    alerts: [],
    errors: [],
  };
}

/** Right everywhere but on the items of `wrong`. */
export function choiceAnswers(task: ChoiceTask, wrong: readonly number[]): TaskResult {
  const answers = task.indices.map((index): ChoiceResult => {
    const prediction = wrong.includes(index) ? 1 : 0;
    const loglikelihoods = [-2, -4, -5, -6];
    if (prediction === 1) loglikelihoods[1] = -1;
    return { index, loglikelihoods, prediction, predictionNorm: prediction, predictionBytes: prediction, gold: 0 };
  });
  return taskResult(task, answers, []);
}

/** `nats` per document of 100 bytes and 20 words. */
export function textAnswers(task: TextTask, nats: (index: number) => number): TaskResult {
  const answers = task.indices.map(
    (index): TextResult => ({ index, loglikelihood: -nats(index), words: 20, bytes: 100 }),
  );
  return taskResult(task, answers, []);
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, place) => from + place);
}
