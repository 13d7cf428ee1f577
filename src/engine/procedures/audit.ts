/** Procedures on audits. */
import type { AuditEvent } from "../../contract/api.ts";
import type { AuditSpec } from "../../contract/domain/audit.ts";
import { numberedLabels } from "../../contract/numbered-labels.ts";
import { auditItem, planAudit, runAudit, storedAudit } from "../audit/audit.ts";
import type { AskedRun } from "../audit/old-tasks.ts";
import { exportAudit } from "../report/export-audit.ts";
import { listAppRuns } from "../views/app-runs.ts";
import { chooseRuns } from "../views/stored-runs.ts";
import { procedures } from "./base.ts";
import { auditQuestions, keepAudit } from "./keep-audit.ts";
import { storedOldTasks } from "./old-tasks.ts";
import { checkPlaces, checkScoringPlaces, placesOfAudit } from "./places.ts";
import { scoringParts } from "./scoring.ts";
import type { Services } from "./services.ts";

export const audit = {
  run: procedures.audit.run.handler(async function* ({ input, context, signal }) {
    await checkScoringPlaces(context, placesOfAudit(input));
    yield* context.jobs.runJob("scoring", (job) => auditEvents(input, context, job.signal), { signal });
  }),
  plan: procedures.audit.plan.handler(async ({ input, context }) => {
    await checkScoringPlaces(context, placesOfAudit(input));
    return planAudit(input, (await scoringParts(context)).audit);
  }),
  stored: procedures.audit.stored.handler(async ({ input, context, signal }) => {
    await checkScoringPlaces(context, placesOfAudit(input));
    return storedAudit(input, (await scoringParts(context)).audit, signal);
  }),
  questions: procedures.audit.questions.handler(async ({ context }) => auditQuestions(await context.store())),
  oldTasks: procedures.audit.oldTasks.handler(async ({ input, context, signal }) =>
    storedOldTasks(await runsOf(input.runs, context), context, signal),
  ),
  item: procedures.audit.item.handler(async ({ input, context }) => {
    await checkScoringPlaces(context, placesOfAudit(input));
    return auditItem(input, (await scoringParts(context)).audit);
  }),
  export: procedures.audit.export.handler(async ({ input, context }) => {
    await checkPlaces(context, { files: [input.file] });
    return exportAudit(input);
  }),
};

async function runsOf(ids: readonly string[], context: Services): Promise<AskedRun[]> {
  const { store, queue } = await context.open();
  const runs = chooseRuns(await listAppRuns(store, queue.states()), ids);
  const labels = numberedLabels(runs.map(({ label }) => label));
  return runs.map(({ path, base }, place) => ({
    ...{ label: labels[place] ?? "", path, baseFingerprint: base.fingerprint },
  }));
}

/** The scoring process, which all variants of the audit share, is ended with it. */
export async function* auditEvents(
  spec: AuditSpec,
  context: Services,
  signal: AbortSignal,
): AsyncGenerator<AuditEvent, void> {
  const { audit: services, evaluation } = await scoringParts(context);
  try {
    yield* keepAudit(spec, evaluation.store, runAudit(spec, services, signal));
  } finally {
    await evaluation.scorers.drop();
  }
}
