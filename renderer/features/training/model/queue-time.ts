/** How long what runs and waits will take, as far as anything can tell. */
import type { Job } from "../../../../src/contract/domain/job.ts";
import type { SweepSummary, TrainingRun } from "../../../../src/contract/domain/training.ts";
import { formatNumberOf, formatRemaining } from "../../../../src/contract/format.ts";
import { runOf, sweepOf } from "./jobs.ts";
import { hasSameLength, usualSeconds } from "./usual-time.ts";

export interface Known {
  runs: readonly TrainingRun[];
  sweeps: readonly SweepSummary[];
}

/** Seconds that a job still takes: what it tells itself, else what runs like it took; undefined where neither is known. */
export function secondsLeft(job: Job, { runs, sweeps }: Known): number | undefined {
  const told = job.state === "running" ? job.progress?.remainingSeconds : undefined;
  if (told !== undefined) return told;
  const run = runs.find(({ id }) => id === runOf(job));
  if (run) return usualSeconds(runs, run.config, hasSameLength(run.config));
  const sweep = sweeps.find(({ id }) => id === sweepOf(job));
  return sweep && secondsOfSweep(sweep, runs);
}

/** As its own runs took so far. */
function secondsOfSweep({ id, cells, finished }: SweepSummary, runs: readonly TrainingRun[]): number | undefined {
  const own = runs.filter(({ sweep }) => sweep === id);
  const one = own[0] && usualSeconds(own, own[0].config);
  return one === undefined ? undefined : one * (cells - finished);
}

/**
 * "about 34 min in all", with how many jobs that leaves out; empty without jobs. Fine-tunes share the devices one after
 * the other, other work goes on beside them. Paused jobs wait for their user, so they do not count.
 */
export function queueWords(jobs: readonly Job[], known: Known): string {
  const counted = jobs.filter(({ state }) => state === "running" || state === "queued");
  if (counted.length === 0) return "";
  const lanes = new Map<string, number>();
  let unknown = 0;
  for (const job of counted) {
    const seconds = secondsLeft(job, known);
    const lane = job.question.kind === "sweep" ? "training" : job.question.kind;
    if (seconds === undefined) unknown += 1;
    else lanes.set(lane, (lanes.get(lane) ?? 0) + seconds);
  }
  if (unknown === counted.length) return "time left unknown";
  const total = formatRemaining(Math.max(...lanes.values())).replace(/ left$/, " in all");
  return unknown === 0 ? total : `${total}, without ${formatNumberOf(unknown, "job")} of unknown length`;
}
