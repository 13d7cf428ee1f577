/** Work that goes on whatever happens to the window that asked; jobs of one place run in the order they were asked. */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { EngineEvent, Job, JobQuestion } from "../../contract/domain/job.ts";
import { DeltaScopeError, toDeltaScopeError } from "../../contract/errors.ts";
import type { JobStep, JobWork, Place } from "./job-work.ts";
import type { Jobs } from "./jobs.ts";
import { createThrottle } from "./throttle.ts";

/** A job's card reaches listeners at most this often. */
const gapMs = 100;
/** A cancelled job answers within this time, with its end where that came sooner. */
const cancelWaitMs = 900;
/** Ended jobs that are listed; older ones are dropped, their results stay stored. */
const mostEnded = 50;

export interface QueueServices {
  jobs: Jobs<Place>;
  /** One execution of a question, whatever its kind. */
  open(question: JobQuestion): JobWork;
  publish(event: EngineEvent): void;
  /** Jobs that an earlier process left unfinished, to be listed as failed. */
  interrupted: readonly Job[];
}

export interface JobQueue {
  list(): Job[];
  /** Answers the job that asks the same already, if it has not ended. */
  start(question: JobQuestion): Job;
  /** Ends a job; answers it once it ended, or after about a second. @throws DeltaScopeError `job.not-found` */
  cancel(id: string): Promise<Job>;
  /** Asks an ended job's question again under the same id. @throws DeltaScopeError `job.not-found` */
  resume(id: string): Job;
  /** Forgets ended jobs; their results stay stored. */
  clear(ids: readonly string[]): Job[];
  /** Analyses of jobs that have not ended. */
  states(): Map<string, "waiting" | "running">;
  /** Cancels everything and waits until it has ended. */
  stop(): Promise<void>;
}

interface Entry {
  job: Job;
  stop: AbortController;
  done: Promise<void>;
}

export function createJobQueue(services: QueueServices): JobQueue {
  const entries = new Map<string, Entry>();
  for (const job of services.interrupted) entries.set(job.id, idleEntry(job));
  const jobsNow = (): Job[] => [...entries.values()].map(({ job }) => job);
  const find = (id: string): Entry => {
    const entry = entries.get(id);
    if (!entry) throw new DeltaScopeError("job.not-found", `There is no job ${JSON.stringify(id.slice(0, 64))}.`);
    return entry;
  };

  const launch = (id: string, question: JobQuestion): Job => {
    const work = services.open(question);
    const entry = idleEntry(queuedJob(id, question, work.title));
    const tell = createThrottle(gapMs, () => services.publish({ type: "job", job: entry.job }));
    entries.set(id, entry);
    dropOldest(entries);
    const change = (changes: Partial<Job>, now: boolean): void => {
      entry.job = { ...entry.job, ...changes };
      if (now) tell.now();
      else tell.soon();
    };
    entry.done = follow(work, services.jobs, entry.stop.signal, change).finally(work.ended);
    tell.now();
    return entry.job;
  };

  return {
    list: jobsNow,
    start(question) {
      const key = JSON.stringify(question);
      const same = jobsNow().find((job) => isLive(job) && JSON.stringify(job.question) === key);
      return same ?? launch(randomUUID(), question);
    },
    async cancel(id) {
      const entry = find(id);
      entry.stop.abort();
      await Promise.race([entry.done, delay(cancelWaitMs, undefined, { ref: false })]);
      return entry.job;
    },
    resume(id) {
      const { job } = find(id);
      return isLive(job) ? job : launch(job.id, job.question);
    },
    clear(ids) {
      for (const id of ids) if (!isLive(find(id).job)) entries.delete(id);
      services.publish({ type: "hello", jobs: jobsNow() });
      return jobsNow();
    },
    states() {
      const live = jobsNow().filter(isLive);
      return new Map(
        live.flatMap(({ analyses, state }) => analyses.map((id) => [id, state === "running" ? state : "waiting"])),
      );
    },
    async stop() {
      for (const { stop } of entries.values()) stop.abort();
      await Promise.all([...entries.values()].map(({ done }) => done));
    },
  };
}

function idleEntry(job: Job): Entry {
  return { job, stop: new AbortController(), done: Promise.resolve() };
}

function isLive({ state }: Job): boolean {
  return state === "queued" || state === "running";
}

function queuedJob(id: string, question: JobQuestion, title: string): Job {
  return {
    id,
    question,
    title,
    state: "queued",
    progress: null,
    error: null,
    note: null,
    queuedAt: new Date().toISOString(),
    finishedAt: null,
    analyses: [],
    failures: [],
  };
}

function dropOldest(entries: Map<string, Entry>): void {
  const ended = [...entries].filter(([, { job }]) => !isLive(job));
  for (const [id] of ended.slice(0, Math.max(0, ended.length - mostEnded))) entries.delete(id);
}

type Change = (changes: Partial<Job>, now: boolean) => void;

async function follow(work: JobWork, jobs: Jobs<Place>, stop: AbortSignal, change: Change): Promise<void> {
  const begin = (signal: AbortSignal): AsyncIterable<JobStep> => {
    change({ state: "running" }, true);
    return work.steps(signal);
  };
  try {
    const steps = jobs.runJob(work.place, ({ signal }) => begin(signal), { signal: stop });
    for await (const { changes, now } of steps) change(changes, now);
    change({ state: "finished", finishedAt: new Date().toISOString() }, true);
  } catch (thrown) {
    const error = toDeltaScopeError(thrown);
    const cancelled = error.code === "job.cancelled";
    const ended = { finishedAt: new Date().toISOString(), note: work.kept() };
    change({ ...ended, state: cancelled ? "cancelled" : "failed", error: cancelled ? null : error.toDocument() }, true);
  }
}
