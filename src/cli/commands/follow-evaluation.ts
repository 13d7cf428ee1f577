/** Follows the events of a running evaluation and tells people what happens. */
import type { EvaluationEvent, ScoringPlan } from "../../contract/api.ts";
import type { EvaluationDocument } from "../../contract/domain/evaluation.ts";
import { DeltaScopeError, type ErrorDocument } from "../../contract/errors.ts";
import { formatBytes, formatNumberOf, formatSeconds } from "../../contract/format.ts";
import type { CliContext, EngineClient } from "../context.ts";
import { type ProgressView, progressView } from "../terminal/progress.ts";
import type { EvalQuestion } from "./eval-options.ts";

export interface FollowedEvaluation {
  document: EvaluationDocument;
  /** Tasks that could not be read; the others were scored. */
  failures: { label: string; error: ErrorDocument }[];
}

/** @throws what the engine throws; `job.cancelled` after Ctrl-C */
export async function followEvaluation(
  context: CliContext,
  client: EngineClient,
  question: EvalQuestion,
  { quiet, signal }: { quiet: boolean; signal: AbortSignal },
): Promise<FollowedEvaluation> {
  const view = progressView(context.stderr, quiet);
  const counted = { done: 0, total: 0 };
  const failures: FollowedEvaluation["failures"] = [];
  let document: EvaluationDocument | undefined;
  try {
    for await (const event of await client.evaluation.run(question, { signal })) {
      if (event.type === "finished") document = event.document;
      else if (event.type === "run-failed") failures.push({ label: event.label, error: event.error });
      else tell(event, view, counted);
    }
    if (document) return { document, failures };
    throw new DeltaScopeError("internal", "The evaluation ended without a result.");
  } catch (thrown) {
    throw signal.aborted ? cancelled(counted) : thrown;
  } finally {
    view.end();
  }
}

function tell(event: EvaluationEvent, view: ProgressView, counted: { done: number; total: number }): void {
  if (event.type === "plan") {
    counted.done = event.plan.stored;
    counted.total = event.plan.items;
    view.note(planLine(event.plan));
  } else if (event.type === "progress") {
    counted.done = event.progress.done;
    view.show(event.progress);
  }
}

function planLine({ items, stored, tokens, estimatedSeconds, peakMemoryBytes }: ScoringPlan): string {
  if (stored >= items) return `${formatNumberOf(items, "item")}, all answered from the workspace.`;
  const kept = stored > 0 ? `, ${stored} already in the workspace` : "";
  const cost = `${formatNumberOf(tokens, "token")} to run, about ${formatSeconds(estimatedSeconds)}`;
  return `${formatNumberOf(items, "item")}${kept}; ${cost}, up to ${formatBytes(peakMemoryBytes)} of memory.`;
}

function cancelled({ done, total }: { done: number; total: number }): DeltaScopeError {
  const kept = total > 0 ? `${done} of ${formatNumberOf(total, "item")} are kept` : "nothing was scored yet";
  return new DeltaScopeError("job.cancelled", `The evaluation was cancelled; ${kept}.`);
}
