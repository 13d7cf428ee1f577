/** What a sweep shows: means over seeds with 95 % intervals, against noise, examples and rank. */
import type { SweepCell, SweepDocument } from "../../../contract/domain/training.ts";
import { meanInterval } from "./student-t.ts";

/** A cell with what its picture needs beyond the document. */
export interface MeasuredCell {
  cell: SweepCell;
  /** null: full fine-tuning, which has none. */
  rank: number | null;
  /** Of the variant without its rank: what a line over ranks joins. */
  family: string;
  /** Training rows. */
  rows: number | null;
}

type Outcome = SweepDocument["outcome"];
type Axis = Outcome[number]["axis"];
type Measure = Outcome[number]["measure"];
type BestRates = SweepDocument["bestRates"];

const measures = ["accuracy", "oldTasks", "intruders", "effectiveRank"] as const;

/** For each variant with several rates the one with the lowest mean loss on held-out rows, and on nothing else. */
export function bestRatesOf(cells: readonly SweepCell[]): BestRates {
  return [...Map.groupBy(cells, ({ variant }) => variant)].flatMap(([variant, own]) => {
    const byRate = [...Map.groupBy(own, ({ learningRate }) => learningRate)];
    const settings = byRate.map(([, group]) => new Set(group.filter(hasLoss).map(settingOf)));
    // Only settings that every rate has finished are compared.
    const isShared = (cell: SweepCell): boolean => settings.every((finished) => finished.has(settingOf(cell)));
    const means = byRate.map(([learningRate, group]) => ({
      variant,
      learningRate,
      validationLoss: meanOf(group.filter(isShared).flatMap(lossOf)),
    }));
    const [best] = means.filter((one) => !Number.isNaN(one.validationLoss)).toSorted(byLoss);
    return best ? [best] : [];
  });
}

function hasLoss({ validationLoss }: SweepCell): boolean {
  return validationLoss !== null;
}

function lossOf({ validationLoss }: SweepCell): number[] {
  return validationLoss === null ? [] : [validationLoss];
}

function settingOf({ seed, noise, subset }: SweepCell): string {
  return JSON.stringify([seed, noise, subset]);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function byLoss(one: BestRates[number], other: BestRates[number]): number {
  return one.validationLoss - other.validationLoss;
}

/**
 * Axes with at least two places; other axes stand at the least noise and the most examples meanwhile. A variant with
 * several rates stands at its best one, and is left out while none is known: means are over seeds, never over rates.
 */
export function outcomeOf(all: readonly MeasuredCell[], bestRates: BestRates): Outcome {
  const best = new Map(bestRates.map(({ variant, learningRate }) => [variant, learningRate]));
  const rates = Map.groupBy(all, variantOf);
  const onlyRate = (variant: string): number | undefined => {
    const [rate, ...others] = new Set(rates.get(variant)?.map(({ cell }) => cell.learningRate));
    return others.length === 0 ? rate : undefined;
  };
  const cells = all.filter(({ cell }) => (best.get(cell.variant) ?? onlyRate(cell.variant)) === cell.learningRate);
  const noise = Math.min(...cells.map(({ cell }) => cell.noise));
  const examples = Math.max(...cells.map(examplesOf));
  const clean = cells.filter(({ cell }) => cell.noise === noise);
  const whole = (one: MeasuredCell): boolean => examplesOf(one) === examples;
  return [
    ...axis("noise", cells.filter(whole), ({ cell }) => cell.noise),
    ...axis("examples", clean, trainedRows),
    ...rankAxis(clean.filter(whole)),
  ];
}

/** All rows count more than any number of them. */
function examplesOf({ cell }: MeasuredCell): number {
  return cell.subset ?? Number.POSITIVE_INFINITY;
}

/** A subset of more rows than there are is all of them. */
function trainedRows({ cell: { subset }, rows }: MeasuredCell): number | null {
  return subset === null || rows === null ? (subset ?? rows) : Math.min(subset, rows);
}

type Place = (cell: MeasuredCell) => number | null;

function axis(name: Axis, cells: readonly MeasuredCell[], place: Place): Outcome {
  const places = new Set(cells.map(place).filter((x) => x !== null));
  return places.size < 2 ? [] : drawn(name, cells, place, variantOf);
}

function drawn(
  name: Axis,
  cells: readonly MeasuredCell[],
  place: Place,
  seriesOf: (cell: MeasuredCell) => string,
): Outcome {
  return measures.map((measure) => ({
    axis: name,
    measure,
    series: [...Map.groupBy(cells, seriesOf)]
      .map(([variant, own]) => ({ variant, points: pointsOf(own, place, measure) }))
      .filter(({ points }) => points.length > 0),
  }));
}

function variantOf({ cell }: MeasuredCell): string {
  return cell.variant;
}

function pointsOf(cells: readonly MeasuredCell[], place: Place, measure: Measure) {
  return [...Map.groupBy(cells, place)]
    .flatMap(([x, own]) => {
      // Subsets of more rows than there are make the same run again; a seed counts once.
      const bySeed = new Map(own.flatMap(({ cell }) => (cell[measure] === null ? [] : [[cell.seed, cell[measure]]])));
      const values = [...bySeed.values()];
      return x === null || values.length === 0 ? [] : [{ x, ...meanInterval(values), seeds: values.length }];
    })
    .toSorted((one, other) => one.x - other.x);
}

/** Full fine-tuning has no rank: it stands as a level line over the ranks of the others. */
function rankAxis(cells: readonly MeasuredCell[]): Outcome {
  const ranks = [...new Set(cells.flatMap(({ rank }) => rank ?? []))];
  const spread = cells.flatMap((one) => (one.rank === null ? ranks.map((rank) => ({ ...one, rank })) : [one]));
  const variants = new Set(cells.map(variantOf));
  if (ranks.length === 0 || variants.size < 2) return [];
  return drawn(
    "rank",
    spread,
    ({ rank }) => rank,
    ({ family }) => family,
  );
}
