/** One tuned model against the base on one task of texts: bits per byte over documents. */
import type { TextTaskResult } from "../../contract/domain/evaluation.ts";
import { estimate, fewestDocuments } from "../evaluation/statistics/bootstrap.ts";
import { standardisedDifference } from "../evaluation/statistics/effect.ts";
import { pairAnswers } from "../evaluation/statistics/flips.ts";
import { detectableRatio } from "../evaluation/statistics/power.ts";
import { textItemOf, unitsOf } from "../evaluation/statistics/units.ts";
import type { TextTask } from "../evaluation/tasks/task.ts";
import { type Comparison, leftOut, noteOf, placeOf } from "./comparison.ts";
import type { IntervalOf } from "./intervals.ts";
import type { AuditVariant } from "./variants.ts";

/** Undefined where no document was scored on both sides. */
export async function compareTexts(
  task: TextTask,
  { base, tuned }: { base: TextTaskResult; tuned: TextTaskResult },
  variant: AuditVariant,
  intervalOf: IntervalOf,
): Promise<Comparison | undefined> {
  const pairs = pairAnswers(base.perItem, tuned.perItem);
  const drawn = pairs.map(textItemOf);
  const units = unitsOf(drawn);
  const bytes = drawn.reduce((sum, { weight }) => sum + weight, 0);
  if (bytes === 0) return undefined;
  const enough = pairs.length >= fewestDocuments;
  const interval = enough ? await intervalOf(units) : undefined;
  const baseValue = bitsPerByte(
    pairs.map((pair) => pair.base),
    bytes,
  );
  const ratio = wordPerplexityRatio(pairs);
  return {
    row: {
      ...placeOf(task, variant),
      items: pairs.length,
      acc: null,
      baseAcc: null,
      value: bitsPerByte(
        pairs.map((pair) => pair.tuned),
        bytes,
      ),
      baseValue,
      difference: estimate(units),
      ci95: interval ? [interval.low, interval.high] : null,
      mcnemarP: null,
      adjustedP: null,
      lost: null,
      gained: null,
      chanceAdjusted: null,
      effectSize:
        standardisedDifference(drawn.map(({ change, weight }) => (weight === 0 ? 0 : change / weight))) ?? null,
      detectable: detectableRatio(units) ?? null,
      note: noteOf([
        leftOut(task, pairs.length),
        enough ? undefined : `no interval: ${pairs.length} documents, at least ${fewestDocuments} are needed`,
        ratio === undefined ? undefined : `word perplexity × ${ratio.toFixed(4)}`,
      ]),
    },
    flips: [],
    pooled: undefined,
  };
}

function bitsPerByte(answers: readonly { loglikelihood: number }[], bytes: number): number {
  return -answers.reduce((sum, { loglikelihood }) => sum + loglikelihood, 0) / bytes / Math.LN2;
}

function wordPerplexityRatio(
  pairs: readonly { base: { loglikelihood: number; words: number }; tuned: { loglikelihood: number } }[],
): number | undefined {
  const words = pairs.reduce((sum, { base }) => sum + base.words, 0);
  const rise = pairs.reduce((sum, { base, tuned }) => sum + base.loglikelihood - tuned.loglikelihood, 0);
  return words === 0 ? undefined : Math.exp(rise / words);
}
