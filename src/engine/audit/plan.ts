/** What an audit will take and what it could show, before anything runs. */
import type { ScoringPlan } from "../../contract/api.ts";
import type { AuditSpec } from "../../contract/domain/audit.ts";
import { detectableDifference } from "../evaluation/statistics/power.ts";
import type { Task } from "../evaluation/tasks/task.ts";
import { type OpenedAudit, openAudit, questionOf } from "./question.ts";
import type { AuditServices } from "./services.ts";
import { variantsOf } from "./variants.ts";

/** @throws DeltaScopeError when the base cannot be opened or no task can be read */
export async function planAudit(spec: AuditSpec, services: AuditServices): Promise<ScoringPlan> {
  return planOf(await openAudit(spec, services), services);
}

/** Models that cannot be opened are left out; they will be failures beside the others. */
export async function planOf(opened: OpenedAudit, { scoring }: AuditServices): Promise<ScoringPlan> {
  const variants = variantsOf(opened.spec);
  const total = { items: 0, stored: 0, tokens: 0, peakMemoryBytes: 0, estimatedSeconds: 0 };
  for (const variant of variants) {
    const work = await scoring.work(questionOf(opened, variant)).catch(() => undefined);
    if (work === undefined) continue;
    total.items += work.items;
    total.stored += work.stored;
    total.tokens += work.tokens;
    total.estimatedSeconds += work.estimatedSeconds;
    total.peakMemoryBytes = Math.max(total.peakMemoryBytes, work.peakMemoryBytes);
  }
  return { variants: variants.length, ...total, detectable: opened.tasks.map(detectableOf) };
}

function detectableOf(task: Task): ScoringPlan["detectable"][number] {
  const items = task.items.length;
  const difference = task.kind === "choice" ? (detectableDifference(items) ?? null) : null;
  return { task: task.spec.name, items, difference };
}
