/** What the heatmap can show of a module: values, scales and words. */
import type { ModuleRow } from "../../../../src/contract/domain/cells.ts";
import {
  formatCosine,
  formatCount,
  formatEffectiveRank,
  formatShare,
  formatShareTick,
  formatTick,
} from "../../../../src/contract/format.ts";
import type { MetricId } from "../search.ts";
import type { Decision } from "./test-settings.ts";

export type MeasuredMetricId = Exclude<MetricId, "difference">;

export interface Metric {
  id: MeasuredMetricId;
  label: string;
  /** Words for the middle of a sentence. */
  phrase: string;
  log: boolean;
  /** Which end is dark, and which cell speaks for several modules. */
  strong: "high" | "low";
  /** Ends of a linear scale that do not depend on the data. */
  fixed?: readonly [number, number];
  /** Whole numbers only. */
  counts?: boolean;
  /** Never above this. */
  most?: number;
  value: (row: ModuleRow, decision: Decision | undefined) => number | null;
  format: (value: number | null | undefined) => string;
}

/** Bounds closer than this agree in the three decimals that are shown. */
const shownCosine = 5e-4;

export const metrics: Record<MeasuredMetricId, Metric> = {
  relative: {
    id: "relative",
    label: "Relative change",
    phrase: "relative change",
    log: true,
    strong: "high",
    value: (row) => row.relative,
    format: formatShare,
  },
  erank: {
    id: "erank",
    label: "Effective rank",
    phrase: "effective rank",
    log: true,
    strong: "high",
    value: (row) => row.entropyRank,
    format: formatEffectiveRank,
  },
  k90: {
    id: "k90",
    label: "k90",
    phrase: "k90",
    log: true,
    strong: "high",
    counts: true,
    value: (row) => row.energy90,
    format: formatCount,
  },
  intruders: {
    id: "intruders",
    label: "Intruder count",
    phrase: "intruder count",
    log: false,
    strong: "high",
    counts: true,
    value: (_row, decision) => decision?.intruders ?? null,
    format: formatCount,
  },
  energy: {
    id: "energy",
    label: "Intruder energy",
    phrase: "intruder energy",
    log: false,
    strong: "high",
    fixed: [0, 1],
    value: (_row, decision) => decision?.energy ?? null,
    format: formatShare,
  },
  cosine: {
    id: "cosine",
    label: "Lowest max |cos|",
    phrase: "lowest max |cos|",
    log: false,
    strong: "low",
    fixed: [0, 1],
    value: (_row, decision) => decision?.cosine.lower ?? null,
    format: formatCosine,
  },
  unchanged: {
    id: "unchanged",
    label: "Weights unchanged",
    phrase: "weights unchanged",
    log: false,
    strong: "high",
    most: 1,
    value: (row) => row.unchangedShare,
    format: formatShare,
  },
};

/** Order of the menu, and of the key that takes the next metric. */
export const metricOrder: readonly MeasuredMetricId[] = [
  "relative",
  "erank",
  "k90",
  "intruders",
  "energy",
  "cosine",
  "unchanged",
];

/** Whether a value rests on bounds that leave room: an undecided vector, or a cosine known to fewer than three decimals. */
export function isEstimated(id: MeasuredMetricId, decision: Decision | undefined): boolean {
  if (decision === undefined) return false;
  if (id === "cosine") return decision.cosine.upper - decision.cosine.lower > shownCosine;
  return (id === "intruders" || id === "energy") && decision.undecided > 0;
}

/** Ticks of legends and axes, shorter than values in tables: "3 %", "0.1". */
export function formatMetricTick(metric: Metric, value: number): string {
  if (metric.format === formatShare) return formatShareTick(value);
  return value < 1000 ? formatTick(Number(value.toPrecision(3))) : formatCount(value);
}
