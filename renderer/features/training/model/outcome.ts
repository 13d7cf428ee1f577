/** What a sweep measured, as series for its chart: means over seeds with 95 % intervals. */
import type { SweepCell, SweepDocument } from "../../../../src/contract/domain/training.ts";
import {
  formatAccuracy,
  formatCount,
  formatEffectiveRank,
  formatPercent,
  formatPoints,
  formatSignificant,
} from "../../../../src/contract/format.ts";
import type { OutcomeSeries } from "../../../charts/outcome-chart.tsx";
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

/** 0.2 as "20 %", 0.125 as "12.5 %". */
export function formatWholePercent(share: number): string {
  return formatPercent(share * 100).replace(/[.,]0 %/, " %");
}

export const axisMeanings: Record<OutcomeAxis, { name: string; log: boolean; format: (value: number) => string }> = {
  noise: { name: "label noise", log: false, format: formatWholePercent },
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

export function letterOf(cells: readonly SweepCell[], variant: string): string {
  return letters[Math.max(0, variantsOf(cells).indexOf(variant)) % letters.length] ?? "A";
}
