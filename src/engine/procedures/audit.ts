/** Procedures on audits. */
import type { AuditEvent } from "../../contract/api.ts";
import type { AuditSpec } from "../../contract/domain/audit.ts";
import { auditItem, planAudit, runAudit, storedAudit } from "../audit/audit.ts";
import { exportAudit } from "../report/export-audit.ts";
import { procedures } from "./base.ts";
import { auditQuestions, keepAudit } from "./keep-audit.ts";
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
  item: procedures.audit.item.handler(async ({ input, context }) => {
    await checkScoringPlaces(context, placesOfAudit(input));
    return auditItem(input, (await scoringParts(context)).audit);
  }),
  export: procedures.audit.export.handler(async ({ input, context }) => {
    await checkPlaces(context, { files: [input.file] });
    return exportAudit(input);
  }),
};

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
