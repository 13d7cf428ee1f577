/** What a card says about its job. */
import type { Job, JobQuestion } from "../../../src/contract/domain/job.ts";
import { formatBytes, formatCount, formatRemaining, formatSeconds } from "../../../src/contract/format.ts";

import { presentRate } from "../../../src/contract/progress.ts";
import { shortRunId } from "../../../src/contract/run-id.ts";

/** A time left means something after this many units. */
const unitsBeforeEstimate = 3;

/** "178 of 252 modules · about 2 min left", "waiting", "cancelled · 178 modules kept". */
export function jobLine(job: Job): string {
  const parts = wordsOf[job.state](job);
  return parts.filter((part) => part !== undefined && part !== "").join(" · ");
}

const wordsOf: Record<Job["state"], (job: Job) => (string | undefined)[]> = {
  queued,
  running,
  paused: ended,
  finished,
  cancelled: ended,
  failed: ended,
};

function queued(): string[] {
  return ["waiting for its turn"];
}

function running({ progress, question }: Job): (string | undefined)[] {
  if (!progress) return ["opening files"];
  const { done, total, item, remainingSeconds } = progress;
  if (total === 0) return [item];
  const left =
    remainingSeconds !== undefined && done >= unitsBeforeEstimate ? formatRemaining(remainingSeconds) : undefined;
  return [doneOf(progress), rateOf(progress), left, memoryCap(question)];
}

/** How fast bytes come or go. */
function rateOf(progress: NonNullable<Job["progress"]>): string | undefined {
  const rate = progress.unit === "bytes" ? presentRate(progress) : undefined;
  return rate === undefined ? undefined : `${formatBytes(rate)}/s`;
}

function memoryCap(question: JobQuestion): string | undefined {
  const cap = question.kind === "analysis" ? question.spec.memoryBytes : undefined;
  return cap === undefined ? undefined : `at most ${formatBytes(cap)}`;
}

function finished({ progress, question }: Job): (string | undefined)[] {
  const took = progress && progress.elapsedSeconds > 0 ? formatSeconds(progress.elapsedSeconds) : undefined;
  const written = question.kind === "edit" ? `written to ${question.spec.out}` : undefined;
  return ["finished", written ?? (progress ? doneOf(progress) : undefined), took];
}

function ended(job: Job): (string | undefined)[] {
  return [
    job.state === "failed" ? "stopped" : job.state,
    job.note ?? (job.progress ? `${doneOf(job.progress)} kept` : undefined),
  ];
}

/** "178 of 252 modules", "1.2 GB of 3 GB". */
function doneOf({ done, total, unit }: NonNullable<Job["progress"]>): string {
  if (unit === "bytes") return `${formatBytes(done)} of ${formatBytes(total)}`;
  return `${formatCount(done)} of ${formatCount(total)} ${unit}`;
}

/** Ids of the runs that a job measured, for addresses. */
export function runsOf(job: Job): string[] {
  return job.analyses.map(shortRunId);
}
