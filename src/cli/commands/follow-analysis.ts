/** Follows the events of a running analysis and tells people what happens. */
import type { AnalysisPlan, ShardEvent } from "../../contract/api.ts";
import type { PartManifest } from "../../contract/domain/part.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { formatBytes, formatNumberOf, formatSeconds } from "../../contract/format.ts";
import { messageAtPlace, shortText } from "../../contract/text.ts";
import type { CliContext } from "../context.ts";
import { type ProgressView, progressView } from "../terminal/progress.ts";

/** A finished analysis: the id of its run, and of a shard the part that it wrote. */
export interface Followed {
  analysis: string;
  part: PartManifest | undefined;
}

/** @throws what the engine throws; `job.cancelled` after Ctrl-C. */
export async function followAnalysis(
  context: CliContext,
  start: () => Promise<AsyncIterable<ShardEvent>>,
  { quiet, signal }: { quiet: boolean; signal: AbortSignal },
): Promise<Followed> {
  const view = progressView(context.stderr, quiet);
  const counted = { stored: 0, total: 0 };
  try {
    const finished = await lastEvent(await start(), (event) => tell(event, view, counted));
    if (finished !== undefined) return finished;
    throw new DeltaScopeError("internal", "The analysis ended without a result.");
  } catch (thrown) {
    throw signal.aborted ? cancelled(counted) : thrown;
  } finally {
    view.end();
  }
}

async function lastEvent(
  events: AsyncIterable<ShardEvent>,
  listen: (event: ShardEvent) => void,
): Promise<Followed | undefined> {
  let part: PartManifest | undefined;
  for await (const event of events) {
    listen(event);
    if (event.type === "part") part = event.part;
    if (event.type === "finished") return { analysis: event.analysis, part };
  }
  return undefined;
}

function tell(event: ShardEvent, view: ProgressView, counted: { stored: number; total: number }): void {
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
    case "part":
    case "finished":
      break;
  }
}

function planLine(plan: AnalysisPlan): string {
  const open = plan.modules - plan.stored;
  if (plan.modules === 0) return "No matrix to measure, norms and biases only.";
  if (open <= 0) return `${formatNumberOf(plan.modules, "module")}, all answered from the workspace.`;
  const kept = plan.stored > 0 ? `, ${plan.stored} already in the workspace` : "";
  const cost = `${formatBytes(plan.bytesToRead)} to read, about ${formatSeconds(plan.estimatedSeconds)}`;
  return `${formatNumberOf(plan.modules, "module")}${kept}; ${cost}, up to ${formatBytes(plan.peakMemoryBytes)} of memory.`;
}

function cancelled({ stored, total }: { stored: number; total: number }): DeltaScopeError {
  const kept = total > 0 ? `${stored} of ${formatNumberOf(total, "module")} are kept` : "nothing was computed yet";
  return new DeltaScopeError("job.cancelled", `The analysis was cancelled; ${kept}.`);
}
