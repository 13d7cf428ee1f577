/** The audit's doors for the rest of the engine, with the engine's own scoring and weights behind them. */
import type { EditServices } from "../edit/services.ts";
import type { EvaluationServices } from "../evaluation/services.ts";
import { readTask } from "../evaluation/tasks/read-task.ts";
import { engineScoring } from "./engine-scoring.ts";
import { engineWeights } from "./engine-weights.ts";
import type { AuditServices } from "./services.ts";

export { oldTasksFinding } from "./old-tasks.ts";
export { planAudit } from "./plan.ts";
export { runAudit } from "./run.ts";
export { auditItem, storedAudit } from "./stored.ts";

/** @param threads of the scoring process where a question names none */
export function engineAudit(evaluation: EvaluationServices, edits: EditServices, threads: number): AuditServices {
  const { store, models } = evaluation;
  return {
    scoring: engineScoring(evaluation),
    weights: engineWeights({ store, models, edits }),
    readTask,
    threads,
  };
}
