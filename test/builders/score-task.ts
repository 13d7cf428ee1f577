/** A whole task through a scorer, without the store: for tests of the scoring itself. */
import type { ChoiceTaskResult, TextTaskResult } from "../../src/contract/domain/evaluation.ts";
import type { ScoredRequest } from "../../src/engine/evaluation/request.ts";
import { requestsOf } from "../../src/engine/evaluation/requests.ts";
import { resultOf, taskResult } from "../../src/engine/evaluation/results.ts";
import type { Scorer } from "../../src/engine/evaluation/scorer.ts";
import type { Task } from "../../src/engine/evaluation/tasks/task.ts";
import type { Vocabulary } from "../../src/engine/evaluation/tokenizer.ts";

export async function scoreTask(
  task: Task,
  vocabulary: Vocabulary,
  scorer: Scorer,
  maxLength = scorer.info.maxLength,
  factors?: string,
): Promise<ChoiceTaskResult | TextTaskResult> {
  const { requests, owner, errors } = await requestsOf(task, vocabulary, { maxLength, chatTemplate: false });
  const scored = new Map<number, ScoredRequest>();
  for await (const batch of scorer.score(requests, factors))
    for (const { index, result } of batch) scored.set(index, result);
  const answers = task.items.map((): ScoredRequest[] => []);
  const tokens = task.items.map(() => 0);
  for (const [index, item] of owner.entries()) {
    answers[item]?.push(scored.get(index) as ScoredRequest);
    tokens[item] = (tokens[item] ?? 0) + (requests[index]?.targets.length ?? 0);
  }
  const failed = new Set(errors.map(({ index }) => index));
  const results = task.items.flatMap((_, item) =>
    failed.has(task.indices[item] as number) ? [] : [resultOf(task, item, answers[item] ?? [], tokens[item])],
  );
  return taskResult(task, results, [...task.errors, ...errors]);
}
