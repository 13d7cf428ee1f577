/** What scoring and editing work with, put together from the open workspace and the user's settings. */
import { engineAudit } from "../audit/audit.ts";
import type { AuditServices } from "../audit/services.ts";
import type { EditServices } from "../edit/services.ts";
import { materialiseVariant } from "../edit/variant.ts";
import type { EvaluationServices } from "../evaluation/services.ts";
import type { Services } from "./services.ts";
import { readSettings } from "./settings.ts";

export interface ScoringParts {
  edits: EditServices;
  evaluation: EvaluationServices;
  audit: AuditServices;
  /** Where a question names none. */
  threads: number;
}

export async function scoringParts(context: Services): Promise<ScoringParts> {
  const { store, workspace, evaluation: memory } = await context.open();
  const backend = context.backend();
  const threads = Math.min((await readSettings(store)).threads ?? backend.threads, backend.threads);
  const edits: EditServices = {
    ...{ backend, store, cache: workspace.cache, threads },
    get edits() {
      return context.editBackend(); // a base is scored without it
    },
  };
  const evaluation: EvaluationServices = {
    ...memory,
    store,
    materialise: (variant, signal) => materialiseVariant(variant, edits, signal),
  };
  return { edits, evaluation, audit: engineAudit(evaluation, edits, threads), threads };
}
