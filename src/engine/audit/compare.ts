/** One tuned model against the base on one task: a row of the audit, and the items that flipped. */
import type { AuditRow, Flip } from "../../contract/domain/audit.ts";
import type { ChoiceItem, ChoiceTaskResult, TextTaskResult } from "../../contract/domain/evaluation.ts";
import type { TaskResult } from "../evaluation/answers.ts";
import { estimate, fewestDocuments, type Interval } from "../evaluation/statistics/bootstrap.ts";
import {
  chanceAdjustedForgetting,
  chanceLevel,
  cohensG,
  standardisedDifference,
} from "../evaluation/statistics/effect.ts";
import {
  type AnsweredPair,
  type ChoiceMetric,
  countFlips,
  type Flips,
  goldChange,
  goldsOf,
  isNearTie,
  pairAnswers,
  predictionOf,
} from "../evaluation/statistics/flips.ts";
import { mcnemarExact } from "../evaluation/statistics/mcnemar.ts";
import { detectableDifference, detectableRatio } from "../evaluation/statistics/power.ts";
import { choiceItemOf, type DrawnItem, textItemOf, unitsOf } from "../evaluation/statistics/units.ts";
import type { ChoiceTask, Task, TextTask } from "../evaluation/tasks/task.ts";
import type { IntervalOf } from "./intervals.ts";
import { isChoiceResult } from "./scoring.ts";
import type { AuditVariant } from "./variants.ts";

export interface Comparison {
  row: AuditRow;
  flips: Flip[];
  /** Right in base and tuned model, for pooling; undefined for texts. */
  pooled: { metric: ChoiceMetric; pairs: AnsweredPair[]; task: ChoiceTask } | undefined;
}

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

/** Items of a task by their place in its file. */
export function itemsByIndex<Item>({
  items,
  indices,
}: {
  items: Item[];
  indices: number[];
}): ReadonlyMap<number, Item> {
  return new Map(items.map((item, place) => [indices[place] ?? -1, item]));
}

export function metricOf({ metric }: ChoiceTask): ChoiceMetric {
  return metric === "acc_norm" ? "acc_norm" : "acc";
}

async function compareChoices(
  task: ChoiceTask,
  { base, tuned }: { base: ChoiceTaskResult; tuned: ChoiceTaskResult },
  variant: AuditVariant,
  intervalOf: IntervalOf,
): Promise<Comparison | undefined> {
  const pairs = pairAnswers(base.perItem, tuned.perItem);
  if (pairs.length === 0) return undefined;
  const metric = metricOf(task);
  const items = itemsByIndex(task);
  const drawn = pairs.map((pair) => choiceItemOf(pair, metric, items.get(pair.base.index)?.group));
  const flips = countFlips(pairs, metric);
  const row = choiceRow(task, { pairs, drawn, flips, interval: await intervalOf(unitsOf(drawn)) });
  return {
    row: { ...placeOf(task, variant), ...row },
    flips: flipsOf(flips, { task: task.spec.name, metric, variant, items }),
    pooled: { metric, pairs, task },
  };
}

function placeOf(
  task: Task,
  { label, arm, lambda }: AuditVariant,
): Pick<AuditRow, "label" | "task" | "role" | "metric" | "lambda" | "arm"> {
  return { label, task: task.spec.name, role: task.spec.role, metric: task.metric, lambda, arm };
}

type RowNumbers = Omit<AuditRow, "label" | "task" | "role" | "metric" | "lambda" | "arm">;

function choiceRow(
  task: ChoiceTask,
  {
    pairs,
    drawn,
    flips,
    interval,
  }: { pairs: AnsweredPair[]; drawn: DrawnItem[]; flips: Flips; interval: Interval | undefined },
): RowNumbers {
  const count = pairs.length;
  const [lost, gained] = [flips.lost.length, flips.gained.length];
  const baseAcc = (flips.both + lost) / count;
  const acc = (flips.both + gained) / count;
  const chance = chanceLevel(
    pairs.map(({ base }) => ({ choices: base.loglikelihoods.length, golds: goldsOf(base).length })),
  );
  return {
    items: count,
    acc,
    baseAcc,
    value: acc,
    baseValue: baseAcc,
    difference: (gained - lost) / count,
    ci95: interval ? [interval.low, interval.high] : null,
    mcnemarP: mcnemarExact(lost, gained),
    adjustedP: null,
    lost,
    gained,
    chanceAdjusted: chanceAdjustedForgetting(baseAcc, acc, chance) ?? null,
    effectSize: cohensG(lost, gained) ?? null,
    detectable: detectableOf(drawn, (lost + gained) / count) ?? null,
    note: noteOf([
      leftOut(task, count),
      groupsNote(drawn),
      lost + gained === 0 ? unchangedNote(count) : undefined,
      task.spec.role === "retain" ? chanceNote(baseAcc, chance) : undefined,
    ]),
  };
}

/** Where items come in groups, the spread between groups counts, not the number of items. */
function detectableOf(drawn: readonly DrawnItem[], flips: number): number | undefined {
  const alone = detectableDifference(drawn.length, flips);
  if (drawn.every(({ group }) => group === undefined)) return alone;
  const grouped = detectableRatio(unitsOf(drawn));
  return alone === undefined || grouped === undefined ? alone : Math.max(alone, grouped);
}

function leftOut({ items, errors }: Task, scored: number): string | undefined {
  const asked = items.length + errors.length;
  return scored < asked ? `${asked - scored} of ${asked} items are left out on both sides` : undefined;
}

function groupsNote(drawn: readonly DrawnItem[]): string | undefined {
  const groups = new Set(drawn.flatMap(({ group }) => group ?? []));
  if (groups.size === 0) return undefined;
  return `the interval draws ${groups.size} groups of items whole; p takes items as independent`;
}

/** The percentile interval of a sample without flips has no width; this bound says what could still hide. */
function unchangedNote(items: number): string {
  const bound = ((1 - 0.05 ** (1 / items)) * 100).toPrecision(2);
  return `no answer flipped; with 95 % confidence fewer than ${bound} % of such items do`;
}

function chanceNote(base: number, chance: number): string | undefined {
  return base <= chance ? "the base is not above chance: there is nothing to forget" : undefined;
}

function noteOf(notes: readonly (string | undefined)[]): string | null {
  const said = notes.filter((note) => note !== undefined);
  return said.length === 0 ? null : said.join("; ");
}

function flipsOf(
  { lost, gained }: Flips,
  place: { task: string; metric: ChoiceMetric; variant: AuditVariant; items: ReadonlyMap<number, ChoiceItem> },
): Flip[] {
  const flip =
    (kind: Flip["kind"]) =>
    (pair: AnsweredPair): Flip => ({
      task: place.task,
      index: pair.base.index,
      label: place.variant.label,
      lambda: place.variant.lambda,
      arm: place.variant.arm,
      kind,
      from: predictionOf(pair.base, place.metric),
      to: predictionOf(pair.tuned, place.metric),
      goldChange: goldChange(pair),
      nearTie: isNearTie(pair, place.metric, lengthsFor(place.metric, place.items.get(pair.base.index))),
    });
  return [...lost.map(flip("lost")), ...gained.map(flip("gained"))].sort((one, other) => one.index - other.index);
}

/** What `acc_norm` divides by: code points of the text that is scored for each choice. */
function lengthsFor(metric: ChoiceMetric, item: ChoiceItem | undefined): number[] | undefined {
  return metric === "acc_norm" ? item?.choices.map((choice) => [...(item.ending ?? choice)].length) : undefined;
}

async function compareTexts(
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
