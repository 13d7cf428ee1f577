/** Growth of a run as charts and tables show it. */
import type { GrowthPoint, TrainingHistory } from "../../../../src/contract/domain/training.ts";
import type { StackedKind } from "../../../charts/growth-charts.tsx";

/** Kinds with a layer of their own; the rest is one layer. */
const mostKinds = 3;
const colours = ["var(--run-B)", "var(--run-C)", "var(--run-E)"];

export function totalOf({ intruders }: GrowthPoint): number {
  return Object.values(intruders).reduce((sum, count) => sum + count, 0);
}

export interface Stack {
  kinds: StackedKind[];
  points: { step: number; counts: number[] }[];
}

/** The kinds with most intruders at the newest checkpoint, the strongest lowest, then all others together. */
export function stackOf(growth: readonly GrowthPoint[]): Stack {
  const named = strongestKinds(growth);
  const other = (point: GrowthPoint) =>
    Object.entries(point.intruders).reduce((sum, [kind, count]) => sum + (named.includes(kind) ? 0 : count), 0);
  const hasOthers = growth.some((point) => other(point) > 0);
  const kinds = named.map((name, index) => ({ name, colour: colours[index] ?? "var(--run-base)" }));
  return {
    kinds: hasOthers ? [...kinds, { name: "others", colour: "var(--run-base)" }] : kinds,
    points: growth.map((point) => ({
      step: point.step,
      counts: [...named.map((kind) => point.intruders[kind] ?? 0), ...(hasOthers ? [other(point)] : [])],
    })),
  };
}

function strongestKinds(growth: readonly GrowthPoint[]): string[] {
  const most = new Map<string, number>();
  for (const { intruders } of growth) {
    for (const [kind, count] of Object.entries(intruders)) if (count > 0) most.set(kind, count);
  }
  return [...most]
    .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0], "en"))
    .slice(0, mostKinds)
    .map(([kind]) => kind);
}

/** Points with a median and a range. */
export function ranksOf(growth: readonly GrowthPoint[]) {
  return growth.flatMap(({ step, effectiveRank: { median, low, high } }) =>
    median === null || low === null || high === null ? [] : [{ step, median, low, high }],
  );
}

export interface CheckpointRow {
  step: number;
  path: string;
  bytes: number | undefined;
  accuracy: number | null;
  growth: GrowthPoint | undefined;
}

/** Newest first; accuracy on the first task that has one, at the same step. */
export function checkpointRows(history: TrainingHistory): CheckpointRow[] {
  const { checkpoints, growth } = history;
  const known = new Map<number, CheckpointRow>();
  for (const { step, path, bytes } of checkpoints) {
    known.set(step, { step, path, bytes, accuracy: null, growth: undefined });
  }
  for (const point of growth) {
    const row = known.get(point.step);
    const path = row?.path ?? point.path;
    known.set(point.step, { step: point.step, path, bytes: row?.bytes, accuracy: null, growth: point });
  }
  const measured = accuraciesOf(history);
  return [...known.values()]
    .map((row) => ({ ...row, accuracy: measured.findLast(({ step }) => step === row.step)?.accuracy ?? null }))
    .sort((a, b) => b.step - a.step);
}

/** What the trainer calls the rows that were held out of the training files; they have a loss only. */
const heldOut = "validation";

export function heldOutLosses({ evals }: TrainingHistory): { x: number; y: number }[] {
  return evals.flatMap(({ step, task, loss }) => (task === heldOut && loss !== null ? [{ x: step, y: loss }] : []));
}

/** Evaluations of the first task that has accuracies. */
export function accuraciesOf({
  evals,
}: TrainingHistory): { step: number; task: string; accuracy: number; n: number }[] {
  const scored = evals.flatMap(({ step, task, accuracy, n }) =>
    accuracy === null ? [] : [{ step, task, accuracy, n }],
  );
  const first = scored[0]?.task;
  return scored.filter(({ task }) => task === first);
}

/** Moving mean over about a twentieth of the points, for a line through the noise. */
export function smoothed(points: readonly { x: number; y: number }[]): { x: number; y: number }[] {
  const reach = Math.max(1, Math.round(points.length / 40));
  return points.map(({ x }, index) => {
    const near = points.slice(Math.max(0, index - reach), index + reach + 1);
    return { x, y: near.reduce((sum, point) => sum + point.y, 0) / near.length };
  });
}
