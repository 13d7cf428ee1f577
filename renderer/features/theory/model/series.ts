/** Answers of the engine as lines of the charts. Full fine-tuning is the first colour, ranks follow in their order. */
import type { FigureDocument, RiskDocument, TheorySweep } from "../../../../src/contract/domain/theory.ts";
import { runMark } from "../../../charts/marks.tsx";
import type { RiskMean, RiskSeries } from "../../../charts/risk-chart.tsx";

export const letters = ["A", "B", "C", "D", "E", "F"] as const;

/** Means at the places of one axis; the first list belongs to full fine-tuning. */
export type MeansByMethod = readonly (readonly RiskMean[])[];

/** Where a band whose lower end lies below zero ends, as a share of its mean. */
const lowestShare = 0.05;

export function lookOf(place: number): Pick<RiskSeries, "colour" | "shape"> {
  const { colour, shape } = runMark(letters[place % letters.length] ?? "A");
  return { colour, shape };
}

export function sweepSeries(
  x: readonly number[],
  sweep: TheorySweep,
  ranks: readonly number[],
  means: MeansByMethod,
): RiskSeries[] {
  const full = { id: "fft", name: "FFT", estimated: false, ...lookOf(0), points: pointsOf(x, sweep.fft) };
  const lora = ranks.map((rank, index) => ({
    id: `r${rank}`,
    name: `r ${rank}`,
    estimated: true,
    ...lookOf(index + 1),
    points: pointsOf(x, sweep.lora[index] ?? []),
  }));
  return [full, ...lora].map((series, index) => ({ ...series, means: means[index] ?? [] }));
}

/** A missing value breaks the line. */
export function pointsOf(x: readonly number[], values: readonly (number | null)[]) {
  return x.map((place, index) => ({ x: place, y: values[index] ?? Number.NaN }));
}

/** Risk against rank at the lab's noise, and at half and twice of it. */
export function rankSeries(
  { curve }: RiskDocument,
  ranks: readonly number[],
  others: readonly { name: string; values: readonly (number | null)[] }[],
  name: string,
): RiskSeries[] {
  const own = {
    ...{ id: "own", name, estimated: true, strong: true, colour: "var(--accent)", shape: "circle" as const },
    points: curve.filter(({ r }) => r > 0).map(({ r, risk }) => ({ x: r, y: risk })),
  };
  const rest = others.map((other) => ({
    ...{ id: other.name, name: other.name, estimated: true, quiet: true },
    ...{ colour: "var(--text-3)", shape: "circle" as const },
    points: pointsOf(ranks, other.values),
  }));
  return [own, ...rest];
}

export function figureSeries({ series, x: { values: x } }: FigureDocument): RiskSeries[] {
  // Against d/n the places fall with growing n.
  const order = [...x.keys()].sort((one, other) => (x[one] ?? 0) - (x[other] ?? 0));
  return series.map(({ label, r, mean, sd, se, closed }, index) => ({
    id: label,
    name: r === null ? "FFT" : `r ${r}`,
    estimated: r !== null,
    ...lookOf(index),
    points: order.map((at) => ({ x: x[at] ?? 0, y: closed[at] ?? Number.NaN })),
    means: order.flatMap((at) => {
      const value = mean[at];
      return value === undefined ? [] : [{ x: x[at] ?? 0, mean: value, se: se[at] ?? 0 }];
    }),
    band: order.flatMap((at) => {
      const [value, spread] = [mean[at], sd[at]];
      if (value === undefined || spread === undefined) return [];
      // The axis is logarithmic, so a band ends above zero.
      return [{ x: x[at] ?? 0, range: [Math.max(value - spread, value * lowestShare), value + spread] as const }];
    }),
  }));
}
