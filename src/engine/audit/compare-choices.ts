/** One tuned model against the base on one task of choices: its row, and the items that flipped. */
import type { AuditRow, Flip } from "../../contract/domain/audit.ts";
import type { ChoiceItem, ChoiceTaskResult } from "../../contract/domain/evaluation.ts";
import type { Interval } from "../evaluation/statistics/bootstrap.ts";
import { chanceAdjustedForgetting, chanceLevel, cohensG } from "../evaluation/statistics/effect.ts";
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
import { choiceItemOf, type DrawnItem, unitsOf } from "../evaluation/statistics/units.ts";
import type { ChoiceTask } from "../evaluation/tasks/task.ts";
import { type Comparison, itemsByIndex, leftOut, noteOf, placeOf } from "./comparison.ts";
import type { IntervalOf } from "./intervals.ts";
import type { AuditVariant } from "./variants.ts";

export function metricOf({ metric }: ChoiceTask): ChoiceMetric {
  return metric === "acc_norm" ? "acc_norm" : "acc";
}

/** Undefined where no item was scored on both sides. */
export async function compareChoices(
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
