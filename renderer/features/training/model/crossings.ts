/** Where two variants of a sweep meet, from their means over seeds. */
import type { OutcomePoint } from "../../../charts/outcome-chart.tsx";

export interface Gap {
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

/** Where a broken line changes its sign. Zeros at its ends are no change; one in between counts where it begins. */
function zeros(line: readonly { x: number; y: number }[], log: boolean): number[] {
  const signed = line.filter(({ y }) => y !== 0);
  return signed.flatMap((here, index) => {
    const next = signed[index + 1];
    if (!next || Math.sign(here.y) === Math.sign(next.y)) return [];
    const level = line.find(({ x, y }) => y === 0 && x > here.x && x < next.x);
    if (level) return [level.x];
    const share = here.y / (here.y - next.y);
    const [from, to] = log ? [Math.log(here.x), Math.log(next.x)] : [here.x, next.x];
    const at = from + (to - from) * share;
    return [log ? Math.exp(at) : at];
  });
}
