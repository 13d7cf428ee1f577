/** Follows the events of a running audit and tells people what happens. */
import type { AuditEvent, ScoringPlan } from "../../contract/api.ts";
import type { AuditDocument, AuditSpec } from "../../contract/domain/audit.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { formatBytes, formatNumberOf, formatPoints, formatSeconds } from "../../contract/format.ts";
import type { Progress } from "../../contract/progress.ts";
import { messageAtPlace, shortText } from "../../contract/text.ts";
import type { CliContext, EngineClient } from "../context.ts";
import { type ProgressView, progressView } from "../terminal/progress.ts";

/** @throws what the engine throws; `job.cancelled` after Ctrl-C */
export async function followAudit(
  context: CliContext,
  client: EngineClient,
  spec: AuditSpec,
  { quiet, signal }: { quiet: boolean; signal: AbortSignal },
): Promise<AuditDocument> {
  const view = progressView(context.stderr, quiet);
  const counted = { done: 0, total: 0 };
  let document: AuditDocument | undefined;
  try {
    // To the very end: an audit that nobody hears out counts as cancelled.
    for await (const event of await client.audit.run(spec, { signal })) {
      if (event.type === "finished") document = event.document;
      else tell(event, view, counted);
    }
    if (document) return document;
    throw new DeltaScopeError("internal", "The audit ended without a result.");
  } catch (thrown) {
    throw signal.aborted ? cancelled(counted) : thrown;
  } finally {
    view.end();
  }
}

function tell(event: AuditEvent, view: ProgressView, counted: { done: number; total: number }): void {
  if (event.type === "plan") {
    counted.total = event.plan.items;
    for (const line of planLines(event.plan)) view.note(line);
  } else if (event.type === "progress") {
    if (event.progress.phase === "score") Object.assign(counted, countsOf(event.progress));
    view.show(event.progress);
  } else if (event.type === "run-failed") {
    view.note(`${shortText(event.label)} is left out: ${shortText(messageAtPlace(event.error), 300)}`);
  }
}

function countsOf({ done, total }: Progress): { done: number; total: number } {
  return { done, total };
}

/** What it takes, and what the items can show at all. */
function planLines(plan: ScoringPlan): string[] {
  const detectable = plan.detectable.flatMap(({ task, items, difference }) =>
    difference === null ? [] : [`${shortText(task, 40)} ${formatPoints(difference, 1).replace("+", "")} (${items})`],
  );
  const power =
    detectable.length === 0 ? [] : [`Smallest change in points that the items can show: ${detectable.join(", ")}.`];
  return [workLine(plan), ...power];
}

function workLine({ variants, items, stored, tokens, estimatedSeconds, peakMemoryBytes }: ScoringPlan): string {
  const what = `${formatNumberOf(variants, "model")}, ${formatNumberOf(items, "answer")}`;
  if (stored >= items) return `${what}, all from the workspace.`;
  const kept = stored > 0 ? `, ${stored} already in the workspace` : "";
  const cost = `${formatNumberOf(tokens, "token")}, about ${formatSeconds(estimatedSeconds)}`;
  return `${what}${kept}; ${cost}, up to ${formatBytes(peakMemoryBytes)} of memory.`;
}

function cancelled({ done, total }: { done: number; total: number }): DeltaScopeError {
  const kept = total > 0 ? `${done} of ${formatNumberOf(total, "answer")} are kept` : "nothing was scored yet";
  return new DeltaScopeError("job.cancelled", `The audit was cancelled; ${kept}.`);
}
