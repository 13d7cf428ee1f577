/** The λ sweep: what each point keeps of the old tasks against what it does on the new ones. */
import type { SweepPoint } from "../../contract/domain/audit.ts";
import type { ArmOutcome } from "../../contract/domain/edit.ts";
import { choiceItemOf, type DrawnItem, unitsOf } from "../evaluation/statistics/units.ts";
import { type Comparison, itemsByIndex } from "./comparison.ts";
import type { IntervalOf } from "./intervals.ts";
import type { AuditVariant } from "./variants.ts";

/** A model with its comparisons, one for each task that was scored on both sides. */
export interface ComparedVariant {
  variant: AuditVariant;
  comparisons: readonly Comparison[];
  weights: ArmOutcome | undefined;
}

type Pooled = NonNullable<SweepPoint["newTask"]>;

/**
 * Points of the models whose old tasks are all there; a pool over fewer tasks than its neighbours' would move by its
 * make-up alone.
 * @param tasks names of the old and new choice tasks that the base answered
 */
export async function sweepPoints(
  compared: readonly ComparedVariant[],
  tasks: { retain: readonly string[]; fresh: readonly string[] },
  intervalOf: IntervalOf,
): Promise<SweepPoint[]> {
  if (tasks.retain.length === 0) return [];
  const points: SweepPoint[] = [];
  for (const { variant, comparisons, weights } of compared) {
    const retention = await pool(comparisons, tasks.retain, intervalOf);
    if (retention === undefined) continue;
    const newTask = (await pool(comparisons, tasks.fresh, intervalOf)) ?? null;
    const { label, arm, lambda } = variant;
    points.push({ label, arm, lambda, retention, newTask, weights: weights ?? null, pareto: false });
  }
  return points.map((point) => ({ ...point, pareto: !points.some((other) => dominates(other, point)) }));
}

/** All items of these tasks together; undefined unless every task is there. */
async function pool(
  comparisons: readonly Comparison[],
  names: readonly string[],
  intervalOf: IntervalOf,
): Promise<Pooled | undefined> {
  const chosen = comparisons.filter(({ row, pooled }) => pooled !== undefined && names.includes(row.task));
  if (chosen.length === 0 || chosen.length < names.length) return undefined;
  const items = chosen.reduce((sum, { row }) => sum + row.items, 0);
  const lost = chosen.reduce((sum, { row }) => sum + (row.lost ?? 0), 0);
  const gained = chosen.reduce((sum, { row }) => sum + (row.gained ?? 0), 0);
  const right = chosen.reduce((sum, { row }) => sum + row.value * row.items, 0);
  const interval = await intervalOf(unitsOf(chosen.flatMap(drawnItems)));
  return {
    value: right / items,
    difference: (gained - lost) / items,
    ci95: interval ? [interval.low, interval.high] : null,
    items,
    lost,
    gained,
    macro: chosen.reduce((sum, { row }) => sum + row.difference, 0) / chosen.length,
  };
}

/** Items with their groups; groups of different tasks never share a name. */
function drawnItems({ row, pooled }: Comparison): DrawnItem[] {
  if (pooled === undefined) return [];
  const items = itemsByIndex(pooled.task);
  return pooled.pairs.map((pair) => {
    const group = items.get(pair.base.index)?.group;
    return choiceItemOf(pair, pooled.metric, group === undefined ? undefined : `${row.task}\n${group}`);
  });
}

/** Of the same run, at least as good on both sides and better on one. */
function dominates(other: SweepPoint, point: SweepPoint): boolean {
  if (other.label !== point.label || (other.newTask === null) !== (point.newTask === null)) return false;
  const kept = other.retention.value - point.retention.value;
  const learnt = (other.newTask?.value ?? 0) - (point.newTask?.value ?? 0);
  return kept >= 0 && learnt >= 0 && kept + learnt > 0;
}
