/** What a sweep says: series for the chart, crossovers and leads in words. Means over seeds with 95 % intervals. */
import type { SweepCell, SweepDocument } from "../../../../src/contract/domain/training.ts";
import {
  formatAccuracy,
  formatCount,
  formatEffectiveRank,
  formatPercent,
  formatPoints,
  formatSignificant,
} from "../../../../src/contract/format.ts";
import type { OutcomePoint, OutcomeSeries } from "../../../charts/outcome-chart.tsx";
import type { Outcome, OutcomeAxis } from "../search.ts";
import { variantText } from "./words.ts";

const letters = ["A", "B", "C", "D", "E", "F", "G", "H"];

export interface OutcomeMeaning {
  name: string;
  format: (value: number) => string;
  /** A difference, signed, with its unit. */
  difference: (value: number) => string;
  isShare: boolean;
}

const plain = (value: number) => formatSignificant(value);
const signed = (value: number) => `${value > 0 ? "+" : ""}${formatSignificant(value)}`;
const points = (value: number) => `${formatPoints(value, 1)} pp`;

export const outcomeMeanings: Record<Outcome, OutcomeMeaning> = {
  accuracy: { name: "Accuracy", format: formatAccuracy, difference: points, isShare: true },
  oldTasks: { name: "Old tasks", format: formatAccuracy, difference: points, isShare: true },
  intruders: { name: "Intruders", format: plain, difference: signed, isShare: false },
  effectiveRank: { name: "Effective rank", format: formatEffectiveRank, difference: signed, isShare: false },
};

export const axisMeanings: Record<OutcomeAxis, { name: string; log: boolean; format: (value: number) => string }> = {
  noise: { name: "label noise", log: false, format: (value) => formatPercent(value * 100).replace(/[.,]0 %/, " %") },
  examples: { name: "training examples", log: true, format: formatCount },
  rank: { name: "rank r", log: true, format: formatCount },
};

/** Series of one measure along one axis, each with a colour, dash and mark of its own. */
export function seriesOf(document: SweepDocument, measure: Outcome, axis: OutcomeAxis): OutcomeSeries[] {
  const order = variantsOf(document.cells);
  const found = document.outcome.find((entry) => entry.measure === measure && entry.axis === axis);
  const shown = (found?.series ?? []).filter((entry) => entry.points.length > 0);
  return shown.map(({ variant, points: own }, index) => {
    // Along ranks all of LoRA is one line, which is no variant of its own.
    const known = order.indexOf(variant);
    const place = known === -1 ? index + 1 : known;
    return {
      name: variant === "lora" ? "LoRA" : variantText(variant),
      letter: letters[place % letters.length] ?? "A",
      points: own.toSorted((a, b) => a.x - b.x),
    };
  });
}

/** Axes along which a measure has more than one place, or the only one there is. */
export function axesOf(document: SweepDocument, measure: Outcome): OutcomeAxis[] {
  const own = document.outcome.filter(
    (entry) => entry.measure === measure && entry.series.some((s) => s.points.length > 0),
  );
  const places = (entry: (typeof own)[number]) => new Set(entry.series.flatMap((s) => s.points.map(({ x }) => x))).size;
  const wide = own.filter((entry) => places(entry) > 1);
  return (wide.length > 0 ? wide : own).map(({ axis }) => axis);
}

/** In the order of the cells. */
export function variantsOf(cells: readonly SweepCell[]): string[] {
  return [...new Set(cells.map(({ variant }) => variant))];
}

export function letterOf(document: SweepDocument, variant: string): string {
  return letters[Math.max(0, variantsOf(document.cells).indexOf(variant)) % letters.length] ?? "A";
}

interface Gap {
  x: number;
  mean: number;
  /** 95 % interval of the difference; undefined with fewer than two seeds. */
  low: number | undefined;
  high: number | undefined;
}

/** First minus second at every x that both have; their intervals are taken as independent. */
export function gapsOf(first: readonly OutcomePoint[], second: readonly OutcomePoint[]): Gap[] {
  return first.flatMap((one) => {
    const other = second.find(({ x }) => x === one.x);
    if (!other) return [];
    const mean = one.mean - other.mean;
    const half = half95(one, other);
    return [
      {
        x: one.x,
        mean,
        low: half === undefined ? undefined : mean - half,
        high: half === undefined ? undefined : mean + half,
      },
    ];
  });
}

function half95(one: OutcomePoint, other: OutcomePoint): number | undefined {
  if (one.low === null || one.high === null || other.low === null || other.high === null) return undefined;
  return Math.hypot((one.high - one.low) / 2, (other.high - other.low) / 2);
}

export interface Crossing {
  at: number;
  /** Where the band of the difference crosses zero; undefined beyond the measured range. */
  from: number | undefined;
  to: number | undefined;
}

/** Where the lead changes, by straight lines between places (of log x on a logarithmic axis). */
export function crossingsOf(gaps: readonly Gap[], log: boolean): Crossing[] {
  return zeros(
    gaps.map(({ x, mean }) => ({ x, y: mean })),
    log,
  ).map((at) => {
    const lows = zeros(bandOf(gaps, "low"), log);
    const highs = zeros(bandOf(gaps, "high"), log);
    const edges = [nearest(lows, at), nearest(highs, at)];
    const before = edges.filter((edge) => edge !== undefined && edge <= at) as number[];
    const after = edges.filter((edge) => edge !== undefined && edge >= at) as number[];
    return {
      at,
      from: before.length > 0 ? Math.max(...before) : undefined,
      to: after.length > 0 ? Math.min(...after) : undefined,
    };
  });
}

function bandOf(gaps: readonly Gap[], side: "low" | "high") {
  return gaps.flatMap((gap) => (gap[side] === undefined ? [] : [{ x: gap.x, y: gap[side] }]));
}

function nearest(values: readonly number[], to: number): number | undefined {
  return values.toSorted((a, b) => Math.abs(a - to) - Math.abs(b - to))[0];
}

function zeros(line: readonly { x: number; y: number }[], log: boolean): number[] {
  const found: number[] = [];
  for (const [index, here] of line.entries()) {
    const next = line[index + 1];
    if (!next || here.y === 0 || Math.sign(here.y) === Math.sign(next.y)) continue;
    const share = here.y / (here.y - next.y);
    const [from, to] = log ? [Math.log(here.x), Math.log(next.x)] : [here.x, next.x];
    const at = from + (to - from) * share;
    found.push(log ? Math.exp(at) : at);
  }
  return found;
}

/** Sentences that fit beside the chart. */
const mostSentences = 6;

/** Each variant against full fine-tuning, or against the first one: where the lead changes, and who leads at the end. */
export function outcomeWords(series: readonly OutcomeSeries[], measure: Outcome, axis: OutcomeAxis): string[] {
  if (axis === "rank" || series.length < 2) return [];
  const against = series.find(({ name }) => name === variantText("full")) ?? series[0];
  if (!against) return [];
  const sentences = series
    .filter((entry) => entry !== against)
    .flatMap((entry) => {
      const gaps = gapsOf(entry.points, against.points);
      const crossings = crossingsOf(gaps, axisMeanings[axis].log).map((crossing) =>
        crossingWords(entry.name, against.name, gaps, crossing, axis),
      );
      const last = gaps.at(-1);
      return last ? [...crossings, leadWords(entry.name, against.name, last, measure, axis)] : crossings;
    });
  return sentences.slice(0, mostSentences);
}

function crossingWords(
  name: string,
  other: string,
  gaps: readonly Gap[],
  { at, from, to }: Crossing,
  axis: OutcomeAxis,
) {
  const { format, name: axisName } = axisMeanings[axis];
  const rising = (gaps.find(({ x }) => x > at)?.mean ?? 0) > 0;
  const [first, second] = rising ? [name, other] : [other, name];
  const edge = (value: number | undefined) => (value === undefined ? "not resolved" : format(round(value, axis)));
  return `From ${format(round(at, axis))} ${axisName} on ${first} is above ${second} [${edge(from)}, ${edge(to)}].`;
}

function round(value: number, axis: OutcomeAxis): number {
  return axis === "noise" ? Math.round(value * 100) / 100 : Math.round(value);
}

function leadWords(name: string, other: string, gap: Gap, measure: Outcome, axis: OutcomeAxis): string {
  const { format, name: axisName } = axisMeanings[axis];
  const { difference } = outcomeMeanings[measure];
  const place = `At ${format(gap.x)} ${axisName}`;
  if (gap.low === undefined || gap.high === undefined)
    return `${place} ${name} differs from ${other} by ${difference(gap.mean)}; one seed gives no interval.`;
  const interval = `[${difference(gap.low).replace(" pp", "")}, ${difference(gap.high).replace(" pp", "")}]`;
  if (gap.low > 0 || gap.high < 0) {
    const word = gap.mean > 0 ? "above" : "below";
    return `${place} ${name} is ${word} ${other} by ${difference(gap.mean)} ${interval}.`;
  }
  return `${place} ${name} and ${other} are level: ${difference(gap.mean)} ${interval}, not significant.`;
}
