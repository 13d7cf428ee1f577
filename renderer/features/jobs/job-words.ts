/** What a card says about its job. */
import type { Job } from "../../../src/contract/domain/job.ts";
import { formatBytes, formatCount, formatRemaining, formatSeconds } from "../../../src/contract/format.ts";

/** A time left means something after this many units. */
const unitsBeforeEstimate = 3;

/** "178 of 252 modules · about 2 min left", "waiting", "cancelled · 178 modules kept". */
export function jobLine(job: Job): string {
  const parts = { queued: queued, running: running, finished: finished, cancelled: ended, failed: ended }[job.state](
    job,
  );
  return parts.filter((part) => part !== undefined && part !== "").join(" · ");
}

function queued(): string[] {
  return ["waiting for its turn"];
}

function running({ progress, spec }: Job): (string | undefined)[] {
  if (!progress) return ["opening files"];
  const { done, remainingSeconds } = progress;
  const left =
    remainingSeconds !== undefined && done >= unitsBeforeEstimate ? formatRemaining(remainingSeconds) : undefined;
  const cap = spec.memoryBytes === undefined ? undefined : `at most ${formatBytes(spec.memoryBytes)}`;
  return [doneOf(progress), left, cap];
}

function finished(job: Job): (string | undefined)[] {
  const took = job.progress && job.progress.elapsedSeconds > 0 ? formatSeconds(job.progress.elapsedSeconds) : undefined;
  return ["finished", job.progress ? doneOf(job.progress) : undefined, took];
}

function ended(job: Job): (string | undefined)[] {
  return [
    job.state === "failed" ? "stopped" : "cancelled",
    job.note ?? (job.progress ? `${doneOf(job.progress)} kept` : undefined),
  ];
}

function doneOf({ done, total, unit }: NonNullable<Job["progress"]>): string {
  return `${formatCount(done)} of ${formatCount(total)} ${unit}`;
}

/** Characters of a question's hash that make a run's id in addresses. */
const runIdLength = 12;

/** Ids of the runs that a job measured, for addresses. */
export function runsOf(job: Job): string[] {
  return job.analyses.map((analysis) => analysis.slice(0, runIdLength));
}
