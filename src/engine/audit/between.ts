/** Two tuned models of an audit against each other: the same items, all tasks of one role together. */
import type { AuditRow } from "../../contract/domain/audit.ts";
import { estimate } from "../evaluation/statistics/bootstrap.ts";
import { isRight } from "../evaluation/statistics/flips.ts";
import { type Half, halfOf } from "../evaluation/statistics/halves.ts";
import { type DrawnItem, unitsOf } from "../evaluation/statistics/units.ts";
import { type Comparison, itemsByIndex } from "./comparison.ts";
import type { IntervalOf } from "./intervals.ts";
import type { ComparedVariant } from "./sweep.ts";

type Role = AuditRow["role"];

/** A pooled difference of accuracy. */
export interface Change {
  difference: number;
  ci95: [number, number] | null;
  items: number;
}

interface Answer {
  right: boolean;
  group: string | undefined;
  half: Half;
}

/** `to` minus `from`; undefined where they share no item of this role and half. */
export async function changeBetween(
  from: ComparedVariant,
  to: ComparedVariant,
  scope: { role: Role; half: Half | undefined },
  intervalOf: IntervalOf,
): Promise<Change | undefined> {
  const drawn = drawnBetween(from, to, scope);
  if (drawn.length === 0) return undefined;
  const units = unitsOf(drawn);
  const interval = await intervalOf(units);
  const ci95: Change["ci95"] = interval ? [interval.low, interval.high] : null;
  return { difference: estimate(units), ci95, items: drawn.length };
}

/** The same without its interval. */
export function differenceBetween(
  from: ComparedVariant,
  to: ComparedVariant,
  scope: { role: Role; half: Half | undefined },
): number | undefined {
  const drawn = drawnBetween(from, to, scope);
  return drawn.length === 0 ? undefined : estimate(unitsOf(drawn));
}

function drawnBetween(
  from: ComparedVariant,
  to: ComparedVariant,
  { role, half }: { role: Role; half: Half | undefined },
): DrawnItem[] {
  const before = answersOf(from, role);
  return [...answersOf(to, role)].flatMap(([key, after]) => {
    const answer = before.get(key);
    if (answer === undefined || (half !== undefined && after.half !== half)) return [];
    return [{ change: Number(after.right) - Number(answer.right), weight: 1, group: after.group }];
  });
}

function answersOf({ comparisons }: ComparedVariant, role: Role): ReadonlyMap<string, Answer> {
  return new Map(comparisons.filter(({ row }) => row.role === role).flatMap(taskAnswers));
}

function taskAnswers({ row, pooled }: Comparison): [string, Answer][] {
  if (pooled === undefined) return [];
  const items = itemsByIndex(pooled.task);
  return pooled.pairs.map(({ tuned }) => {
    const group = items.get(tuned.index)?.group;
    const answer: Answer = {
      right: isRight(tuned, pooled.metric),
      group: group === undefined ? undefined : `${row.task}\n${group}`,
      half: halfOf(row.task, { index: tuned.index, group }),
    };
    return [`${row.task}\n${tuned.index}`, answer];
  });
}
