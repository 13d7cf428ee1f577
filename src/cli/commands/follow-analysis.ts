/** Follows the events of a running analysis and tells people what happens. */
import type { AnalysisEvent, AnalysisPlan } from "../../contract/api.ts";
import type { AnalysisSpec } from "../../contract/domain/analysis.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { formatBytes, formatNumberOf, formatSeconds } from "../../contract/format.ts";
import { messageAtPlace, shortText } from "../../contract/text.ts";
import type { CliContext, EngineClient } from "../context.ts";
import { type ProgressView, progressView } from "../terminal/progress.ts";

/** @returns the id of the finished analysis. @throws what the engine throws; `job.cancelled` after Ctrl-C. */
export async function followAnalysis(
  context: CliContext,
  client: EngineClient,
  spec: AnalysisSpec,
  { quiet, signal }: { quiet: boolean; signal: AbortSignal },
): Promise<string> {
  const view = progressView(context.stderr, quiet);
  const counted = { stored: 0, total: 0 };
  try {
    const finished = await lastEvent(client, spec, signal, (event) => tell(event, view, counted));
    if (finished !== undefined) return finished;
    throw new DeltaScopeError("internal", "The analysis ended without a result.");
  } catch (thrown) {
    throw signal.aborted ? cancelled(counted) : thrown;
  } finally {
    view.end();
  }
}

async function lastEvent(
  client: EngineClient,
  spec: AnalysisSpec,
  signal: AbortSignal,
  listen: (event: AnalysisEvent) => void,
): Promise<string | undefined> {
  for await (const event of await client.analysis.run(spec, { signal })) {
    listen(event);
    if (event.type === "finished") return event.analysis;
  }
  return undefined;
}

function tell(event: AnalysisEvent, view: ProgressView, counted: { stored: number; total: number }): void {
  switch (event.type) {
    case "plan":
      counted.total = event.plan.modules;
      view.note(planLine(event.plan));
      break;
    case "progress":
      view.show(event.progress);
      break;
    case "module":
      counted.stored += 1;
      break;
    case "run-failed":
      view.note(`${shortText(event.label)} is left out: ${shortText(messageAtPlace(event.error), 300)}`);
      break;
    case "started":
    case "alert":
    case "finished":
      break;
  }
}

function planLine(plan: AnalysisPlan): string {
  const open = plan.modules - plan.stored;
  if (open <= 0) return `${formatNumberOf(plan.modules, "module")}, all answered from the workspace.`;
  const kept = plan.stored > 0 ? `, ${plan.stored} already in the workspace` : "";
  const cost = `${formatBytes(plan.bytesToRead)} to read, about ${formatSeconds(plan.estimatedSeconds)}`;
  return `${formatNumberOf(plan.modules, "module")}${kept}; ${cost}, up to ${formatBytes(plan.peakMemoryBytes)} of memory.`;
}

function cancelled({ stored, total }: { stored: number; total: number }): DeltaScopeError {
  const kept = total > 0 ? `${stored} of ${formatNumberOf(total, "module")} are kept` : "nothing was computed yet";
  return new DeltaScopeError("job.cancelled", `The analysis was cancelled; ${kept}.`);
}
