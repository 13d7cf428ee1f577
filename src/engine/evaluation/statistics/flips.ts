/** What became of each item between two models: both right, lost, gained, neither. */
import type { ChoiceResult } from "../../../contract/domain/evaluation.ts";

/** Below this difference of scores (nats, or nats per character) in both models a flip is no evidence of anything. */
const nearTieMargin = 1e-3;

/** The same item as two models answered it. */
export interface AnsweredPair {
  base: ChoiceResult;
  tuned: ChoiceResult;
}

export interface Flips {
  both: number;
  lost: AnsweredPair[];
  gained: AnsweredPair[];
  neither: number;
}

/** Which of the stored predictions decides. */
export type ChoiceMetric = "acc" | "acc_norm";

/** Items that both sides answered, in the order of the first. */
export function pairAnswers<Answer extends { index: number }>(
  base: readonly Answer[],
  tuned: readonly Answer[],
): { base: Answer; tuned: Answer }[] {
  const byIndex = new Map(tuned.map((answer) => [answer.index, answer]));
  return base.flatMap((answer) => {
    const other = byIndex.get(answer.index);
    return other === undefined ? [] : [{ base: answer, tuned: other }];
  });
}

export function predictionOf(answer: ChoiceResult, metric: ChoiceMetric): number {
  return metric === "acc" ? answer.prediction : answer.predictionNorm;
}

export function isRight(answer: ChoiceResult, metric: ChoiceMetric): boolean {
  return goldsOf(answer).includes(predictionOf(answer, metric));
}

export function goldsOf({ gold }: ChoiceResult): readonly number[] {
  return typeof gold === "number" ? [gold] : gold;
}

export function countFlips(pairs: readonly AnsweredPair[], metric: ChoiceMetric): Flips {
  const flips: Flips = { both: 0, lost: [], gained: [], neither: 0 };
  for (const pair of pairs) {
    const before = isRight(pair.base, metric);
    const after = isRight(pair.tuned, metric);
    if (before && after) flips.both += 1;
    else if (before) flips.lost.push(pair);
    else if (after) flips.gained.push(pair);
    else flips.neither += 1;
  }
  return flips;
}

/** Change of the log-likelihood of the right choice (the likeliest of several), nats. */
export function goldChange({ base, tuned }: AnsweredPair): number {
  return bestGold(tuned) - bestGold(base);
}

function bestGold(answer: ChoiceResult): number {
  return Math.max(...goldsOf(answer).map((choice) => answer.loglikelihoods[choice] ?? Number.NEGATIVE_INFINITY));
}

/**
 * The two predictions lie so close together in both models that rounding or another batching could swap them.
 * @param lengths characters of each choice, for `acc_norm`; left out: the log-likelihoods themselves decide.
 */
export function isNearTie({ base, tuned }: AnsweredPair, metric: ChoiceMetric, lengths?: readonly number[]): boolean {
  const from = predictionOf(base, metric);
  const to = predictionOf(tuned, metric);
  const margin = ({ loglikelihoods }: ChoiceResult) => {
    const score = (choice: number) => (loglikelihoods[choice] ?? Number.NaN) / (lengths?.[choice] || 1);
    return Math.abs(score(from) - score(to));
  };
  return margin(base) < nearTieMargin && margin(tuned) < nearTieMargin;
}
