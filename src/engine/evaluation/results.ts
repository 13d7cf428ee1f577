/** Answers of a model to results of items and figures of tasks, as lm-evaluation-harness 0.4.13 computes them. */
import type {
  ChoiceItem,
  ChoiceResult,
  ChoiceTaskResult,
  TextItem,
  TextResult,
  TextTaskResult,
} from "../../contract/domain/evaluation.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { ScoredRequest } from "./request.ts";
import { isRight, mean, perplexities, predict, standardError } from "./rules.ts";
import type { ItemFault, Task } from "./tasks/task.ts";
import { countBytes, countWords } from "./text-rules.ts";

/**
 * The result of one item from the answers to its requests, in their order; `item` is its place in `task.items`.
 * `tokens` are the scored tokens of a document (the sum of its requests' targets).
 */
export function resultOf(
  task: Task,
  item: number,
  scored: readonly ScoredRequest[],
  tokens?: number,
): ChoiceResult | TextResult {
  const index = task.indices[item] as number;
  if (task.kind === "choice") return choiceResult(task.items[item] as ChoiceItem, index, scored);
  const { text, words, bytes } = task.items[item] as TextItem;
  const loglikelihood = scored.reduce((total, each) => total + each.loglikelihood, 0);
  return { index, loglikelihood, words: words ?? countWords(text), bytes: bytes ?? countBytes(text), tokens };
}

/** With an ending, the same text is scored after every choice, so lengths decide nothing. */
function choiceResult(item: ChoiceItem, index: number, scored: readonly ScoredRequest[]): ChoiceResult {
  const { choices, ending, gold } = item;
  const loglikelihoods = scored.map((each) => each.loglikelihood);
  const texts = ending === undefined ? choices : choices.map(() => ending);
  return { index, loglikelihoods, ...predict(loglikelihoods, texts), gold, greedy: scored.map((each) => each.greedy) };
}

/**
 * Figures over all items that were scored. `errors` are those of the file and of the requests.
 * Throws `task.invalid` when no item is left.
 */
export function taskResult(
  task: Task,
  results: readonly (ChoiceResult | TextResult)[],
  errors: readonly ItemFault[] = task.errors,
): ChoiceTaskResult | TextTaskResult {
  const { name, file } = task.spec;
  if (results.length === 0) throw new DeltaScopeError("task.invalid", `${file}: no item of ${name} was scored.`, file);
  const shared = { task: name, file, items: results.length };
  const faults = [...errors].sort((a, b) => a.index - b.index);
  if (task.kind === "choice") {
    const perItem = byPlace(results as ChoiceResult[]);
    return { ...shared, metrics: choiceMetrics(perItem), perItem, errors: faults };
  }
  const perItem = byPlace(results as TextResult[]);
  const tokens = perItem.reduce((total, each) => total + (each.tokens ?? 0), 0);
  return { ...shared, tokens, ...perplexities(perItem), perItem, errors: faults };
}

function byPlace<T extends { index: number }>(results: readonly T[]): T[] {
  return [...results].sort((a, b) => a.index - b.index);
}

/** Accuracies with the standard error of the mean; null for a single item. */
function choiceMetrics(results: readonly ChoiceResult[]): ChoiceTaskResult["metrics"] {
  const hits = (of: (result: ChoiceResult) => number) =>
    results.map((result) => (isRight(of(result), result.gold) ? 1 : 0));
  const acc = hits((result) => result.prediction);
  const norm = hits((result) => result.predictionNorm);
  const bytes = hits((result) => result.predictionBytes);
  return {
    acc: mean(acc),
    acc_norm: mean(norm),
    acc_bytes: mean(bytes),
    acc_stderr: standardError(acc) ?? null,
    acc_norm_stderr: standardError(norm) ?? null,
    acc_bytes_stderr: standardError(bytes) ?? null,
  };
}
