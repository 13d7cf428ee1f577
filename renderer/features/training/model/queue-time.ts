/** How long what runs and waits will take, as far as anything can tell. */
import type { Job } from "../../../../src/contract/domain/job.ts";
import { devicesIn, type SweepSummary, type TrainingRun } from "../../../../src/contract/domain/training.ts";
import { formatNumberOf, formatRemaining } from "../../../../src/contract/format.ts";
import { runOf, sweepOf } from "./jobs.ts";
import { hasSameLength, usualSeconds } from "./usual-time.ts";

export interface Known {
  runs: readonly TrainingRun[];
  sweeps: readonly SweepSummary[];
  /** What this machine trains on, as the environment names it. */
  devices: readonly string[];
}

/** Seconds that a job still takes: what it tells itself, else what runs like it took; undefined where neither is known. */
export function secondsLeft(job: Job, { runs, sweeps }: Omit<Known, "devices">): number | undefined {
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
 * "about 34 min in all", with how many jobs that leaves out; empty without jobs. Fine-tunes of one device take turns on
 * it, those of other devices and other work go on beside them. Paused jobs wait for their user, so they do not count.
 */
export function queueWords(jobs: readonly Job[], known: Known): string {
  const counted = jobs.filter(({ state }) => state === "running" || state === "queued");
  if (counted.length === 0) return "";
  /** When each place of work is free again, in seconds from now. */
  const lanes = new Map<string, number>();
  let unknown = 0;
  for (const job of counted) {
    const seconds = secondsLeft(job, known);
    const { places, workers } = placesOf(job, known, lanes);
    if (seconds === undefined) unknown += 1;
    const start = Math.max(...places.map((place) => lanes.get(place) ?? 0));
    for (const place of places) lanes.set(place, start + (seconds ?? 0) / workers);
  }
  if (unknown === counted.length) return "time left unknown";
  const total = formatRemaining(Math.max(...lanes.values())).replace(/ left$/, " in all");
  return unknown === 0 ? total : `${total}, without ${formatNumberOf(unknown, "job")} of unknown length`;
}

interface Places {
  places: readonly string[];
  /** How many of its runs a sweep works on at once. */
  workers: number;
}

/**
 * The devices that a fine-tune takes, as the queue gives them: one that leaves the choice open has the first card that
 * no earlier job took, else the first; a sweep then works on all cards at once. Other work has a place of its own kind.
 */
function placesOf(job: Job, { runs, devices }: Known, taken: ReadonlyMap<string, number>): Places {
  const { kind } = job.question;
  if (kind !== "training" && kind !== "sweep") return { places: [kind], workers: 1 };
  const cards = devices.filter((device) => device !== "cpu");
  const usable = cards.length > 0 ? cards : ["cpu"];
  const run = runs.find(({ id, sweep }) => id === runOf(job) || (sweep !== null && sweep === sweepOf(job)));
  const asked = run?.config.device ?? "auto";
  if (asked !== "auto") return { places: devicesIn(asked), workers: 1 };
  if (kind === "sweep") return { places: usable, workers: usable.length };
  return { places: [usable.find((device) => !taken.has(device)) ?? usable[0] ?? "cpu"], workers: 1 };
}
