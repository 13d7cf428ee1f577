/** What comparisons of choices and of texts share. */
import type { AuditRow, Flip } from "../../contract/domain/audit.ts";
import type { AnsweredPair, ChoiceMetric } from "../evaluation/statistics/flips.ts";
import type { ChoiceTask, Task } from "../evaluation/tasks/task.ts";
import type { AuditVariant } from "./variants.ts";

export interface Comparison {
  row: AuditRow;
  flips: Flip[];
  /** Right in base and tuned model, for pooling; undefined for texts. */
  pooled: { metric: ChoiceMetric; pairs: AnsweredPair[]; task: ChoiceTask } | undefined;
}

/** Items of a task by their place in its file. */
export function itemsByIndex<Item>({
  items,
  indices,
}: {
  items: Item[];
  indices: number[];
}): ReadonlyMap<number, Item> {
  return new Map(items.map((item, place) => [indices[place] ?? -1, item]));
}

export function placeOf(
  task: Task,
  { label, arm, lambda }: AuditVariant,
): Pick<AuditRow, "label" | "task" | "role" | "metric" | "lambda" | "arm"> {
  return { label, task: task.spec.name, role: task.spec.role, metric: task.metric, lambda, arm };
}

export function leftOut({ items, errors }: Task, scored: number): string | undefined {
  const asked = items.length + errors.length;
  return scored < asked ? `${asked - scored} of ${asked} items are left out on both sides` : undefined;
}

export function noteOf(notes: readonly (string | undefined)[]): string | null {
  const said = notes.filter((note) => note !== undefined);
  return said.length === 0 ? null : said.join("; ");
}
