/** Paired answers as units of the bootstrap. */
import type { ChoiceResult, TextResult } from "../../../contract/domain/evaluation.ts";
import type { Units } from "./bootstrap.ts";
import { type AnsweredPair, type ChoiceMetric, isRight } from "./flips.ts";

/** One item of the bootstrap: what it changes, and the group with which it is drawn. */
export interface DrawnItem {
  change: number;
  weight: number;
  /** Items of one group are drawn together; undefined: alone. */
  group: string | undefined;
}

export function unitsOf(items: readonly DrawnItem[]): Units {
  const places = new Map<string, number>();
  const change: number[] = [];
  const weight: number[] = [];
  for (const item of items) {
    const place = item.group === undefined ? undefined : places.get(item.group);
    if (place === undefined) {
      if (item.group !== undefined) places.set(item.group, change.length);
      change.push(item.change);
      weight.push(item.weight);
    } else {
      change[place] = (change[place] ?? 0) + item.change;
      weight[place] = (weight[place] ?? 0) + item.weight;
    }
  }
  return { change: Float64Array.from(change), weight: Float64Array.from(weight) };
}

/** Accuracy: +1 gained, −1 lost, 0 unchanged. */
export function choiceItemOf(pair: AnsweredPair, metric: ChoiceMetric, group: string | undefined): DrawnItem {
  const right = (answer: ChoiceResult) => Number(isRight(answer, metric));
  return { change: right(pair.tuned) - right(pair.base), weight: 1, group };
}

/** Bits per byte: the rise of a document's bits, weighed by its bytes. */
export function textItemOf({ base, tuned }: { base: TextResult; tuned: TextResult }): DrawnItem {
  return { change: (base.loglikelihood - tuned.loglikelihood) / Math.LN2, weight: base.bytes, group: undefined };
}
