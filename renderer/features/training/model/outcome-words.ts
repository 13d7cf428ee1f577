/** A sweep in sentences: where the lead changes and who leads at the end, each with its interval. */
import type { LeadChange, OutcomeSeries } from "../../../charts/outcome-chart.tsx";
import type { Outcome, OutcomeAxis } from "../search.ts";
import { type Crossing, crossingsOf, type Gap, gapsOf } from "./crossings.ts";
import { axisMeanings, outcomeMeanings } from "./outcome.ts";
import { variantText } from "./words.ts";

/** Sentences that fit beside the chart. */
const mostSentences = 6;

/** Full fine-tuning, or the first variant where it is not among them. */
function reference(series: readonly OutcomeSeries[]): OutcomeSeries | undefined {
  return series.find(({ name }) => name === variantText("full")) ?? series[0];
}

/** Each variant against full fine-tuning, or against the first one: where the lead changes, and who leads at the end. */
export function outcomeWords(series: readonly OutcomeSeries[], measure: Outcome, axis: OutcomeAxis): string[] {
  const against = reference(series);
  if (series.length < 2 || !against) return [];
  const sentences = series
    .filter((entry) => entry !== against)
    .flatMap((entry) => {
      const gaps = gapsOf(entry.points, against.points);
      const crossings = crossingsOf(gaps, axisMeanings[axis].log).map(
        (crossing) => `From ${crossingWords(entry.name, against.name, gaps, crossing, axis)}.`,
      );
      // Every rank is a choice of its own; along the others the end of the axis says where it leads to.
      const told = axis === "rank" ? gaps : gaps.slice(-1);
      return [...crossings, ...told.map((gap) => leadWords(entry.name, against.name, gap, measure, axis))];
    });
  return sentences.slice(0, mostSentences);
}

/** The one change of lead that the seeds resolve best, for a mark in the chart; undefined where none is resolved. */
export function shownLeadChange(series: readonly OutcomeSeries[], axis: OutcomeAxis): LeadChange | undefined {
  const against = reference(series);
  if (axis === "rank" || !against) return undefined;
  const { log, format } = axisMeanings[axis];
  const found = series.flatMap((entry) => {
    if (entry === against) return [];
    const gaps = gapsOf(entry.points, against.points);
    return crossingsOf(gaps, log).flatMap(({ at, from, to }) => {
      if (from === undefined || to === undefined) return [];
      const [first, second] = leaders(entry.name, against.name, gaps, at);
      const range = `[${format(round(from, axis))}, ${format(round(to, axis))}]`;
      return [{ at, from, to, text: `${first} leads ${second} from ${format(round(at, axis))} ${range}` }];
    });
  });
  return found.toSorted((a, b) => a.to - a.from - (b.to - b.from))[0];
}

/** Who is above after a crossing, then who is below. */
function leaders(name: string, other: string, gaps: readonly Gap[], at: number): [string, string] {
  const rising = (gaps.find(({ x, mean }) => x > at && mean !== 0)?.mean ?? 0) > 0;
  return rising ? [name, other] : [other, name];
}

function crossingWords(name: string, other: string, gaps: readonly Gap[], crossing: Crossing, axis: OutcomeAxis) {
  const [first, second] = leaders(name, other, gaps, crossing.at);
  return `${placeWords(round(crossing.at, axis), axis)} on ${first} leads ${second}${rangeWords(gaps, crossing, axis)}`;
}

/** " [3 %, 11 %]", or in words which side the seeds leave open. */
function rangeWords(gaps: readonly Gap[], { from, to }: Crossing, axis: OutcomeAxis): string {
  const { format } = axisMeanings[axis];
  if (gaps.every(({ low }) => low === undefined)) return "; one seed gives no interval";
  if (from === undefined && to === undefined) return "; these seeds do not resolve where";
  const [first, last] = [gaps[0]?.x ?? 0, gaps.at(-1)?.x ?? 0];
  const low = from === undefined ? `below ${format(first)}` : format(round(from, axis));
  const high = to === undefined ? `above ${format(last)}` : format(round(to, axis));
  return ` [${low}, ${high}]`;
}

function round(value: number, axis: OutcomeAxis): number {
  return axis === "noise" ? Math.round(value * 100) / 100 : Math.round(value);
}

/** "20 % label noise", "rank 4". */
function placeWords(value: number, axis: OutcomeAxis): string {
  const { format, name } = axisMeanings[axis];
  return axis === "rank" ? `rank ${format(value)}` : `${format(value)} ${name}`;
}

function leadWords(name: string, other: string, gap: Gap, measure: Outcome, axis: OutcomeAxis): string {
  const { difference } = outcomeMeanings[measure];
  const place = `At ${placeWords(gap.x, axis)}`;
  if (gap.low === undefined || gap.high === undefined)
    return `${place} ${name} differs from ${other} by ${difference(gap.mean)}; one seed gives no interval.`;
  const interval = `[${difference(gap.low).replace(" pp", "")}, ${difference(gap.high).replace(" pp", "")}]`;
  if (gap.low > 0 || gap.high < 0) {
    const word = gap.mean > 0 ? "above" : "below";
    return `${place} ${name} is ${word} ${other} by ${difference(gap.mean)} ${interval}.`;
  }
  return `${place} ${name} and ${other} are level: ${difference(gap.mean)} ${interval}, not significant.`;
}
