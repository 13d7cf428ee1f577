/** Work that goes on whatever happens to the window that asked; jobs of one place run in the order they were asked. */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { EngineEvent, Job, JobQuestion } from "../../contract/domain/job.ts";
import { DeltaScopeError, toDeltaScopeError } from "../../contract/errors.ts";
import type { JobStep, JobWork, Place } from "./job-work.ts";
import type { Jobs } from "./jobs.ts";
import type { Turn } from "./semaphore.ts";
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
  /** Jobs that an earlier process left unfinished, in their order. */
  interrupted: readonly Job[];
  /** The order was changed by its user. */
  keepOrder?(jobs: readonly Job[]): void;
  /** Other jobs are paused than before. */
  keepPaused?(jobs: readonly Job[]): void;
}

export interface JobQueue {
  list(): Job[];
  /** Answers the job that asks the same already, if it has not ended. */
  start(question: JobQuestion): Job;
  /** Ends a job; answers it once it ended, or after about a second. @throws DeltaScopeError `job.not-found` */
  cancel(id: string): Promise<Job>;
  /** The same, but the job keeps its place in the list until it is resumed or cancelled. @throws DeltaScopeError `job.not-found` */
  pause(id: string): Promise<Job>;
  /** Asks an ended or paused job's question again under the same id. @throws DeltaScopeError `job.not-found` */
  resume(id: string): Job;
  /** Gives a job the place before another one, or the last. @throws DeltaScopeError `job.not-found` */
  move(id: string, before: string | null): Job[];
  /** Forgets ended jobs; their results stay stored. */
  clear(ids: readonly string[]): Job[];
  /** Analyses of jobs that have not ended. */
  states(): Map<string, "waiting" | "running">;
  /** Cancels everything and waits until it has ended. */
  stop(): Promise<void>;
}

interface Entry {
  job: Job;
  /** What a job becomes when its signal ends it. */
  stopsAs: "cancelled" | "paused";
  stop: AbortController;
  /** The program ended while it was under way. */
  outlived: boolean;
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

  let keptPaused = pausedIds(jobsNow());
  const notePaused = (): void => {
    const ids = pausedIds(jobsNow());
    if (ids === keptPaused) return;
    keptPaused = ids;
    services.keepPaused?.(jobsNow());
  };

  const launch = (id: string, question: JobQuestion): Job => {
    const work = services.open(question);
    const entry = idleEntry(queuedJob(id, question, work.title));
    const tell = createThrottle(gapMs, () => services.publish({ type: "job", job: entry.job }));
    entries.set(id, entry);
    dropOldest(entries);
    notePaused();
    const change = (changes: Partial<Job>, now: boolean): void => {
      entry.job = { ...entry.job, ...changes };
      if (now) notePaused();
      if (now) tell.now();
      else tell.soon();
    };
    const turn = (): number => [...entries.keys()].indexOf(id);
    entry.done = follow({ work, jobs: services.jobs, entry, change, turn }).finally(() => work.ended(endOf(entry)));
    tell.now();
    return entry.job;
  };

  const resume = ({ job }: Entry): Job => (isLive(job) ? job : launch(job.id, job.question));

  const stop = async (entry: Entry, stopsAs: Entry["stopsAs"]): Promise<Job> => {
    entry.stopsAs = stopsAs;
    entry.stop.abort();
    await Promise.race([entry.done, delay(cancelWaitMs, undefined, { ref: false })]);
    return entry.job;
  };

  return {
    list: jobsNow,
    start(question) {
      const key = JSON.stringify(question);
      const same = [...entries.values()].find(({ job }) => !isEnded(job) && JSON.stringify(job.question) === key);
      return same ? resume(same) : launch(randomUUID(), question);
    },
    async cancel(id) {
      const entry = find(id);
      if (entry.job.state !== "paused") return stop(entry, "cancelled");
      entry.job = { ...entry.job, state: "cancelled" };
      notePaused();
      services.publish({ type: "job", job: entry.job });
      return entry.job;
    },
    pause: async (id) => stop(find(id), "paused"),
    resume: (id) => resume(find(id)),
    move(id, before) {
      const moved = find(id);
      if (before !== null) find(before);
      if (before === id) return jobsNow();
      const others = [...entries].filter(([one]) => one !== id);
      const place = before === null ? others.length : others.findIndex(([one]) => one === before);
      entries.clear();
      for (const [one, entry] of others.toSpliced(place, 0, [id, moved])) entries.set(one, entry);
      services.keepOrder?.(jobsNow());
      services.publish({ type: "hello", jobs: jobsNow() });
      return jobsNow();
    },
    clear(ids) {
      for (const id of ids) if (isEnded(find(id).job)) entries.delete(id);
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
      for (const entry of entries.values()) {
        entry.outlived = true;
        entry.stop.abort();
      }
      await Promise.all([...entries.values()].map(({ done }) => done));
    },
  };
}

function idleEntry(job: Job): Entry {
  return { job, stopsAs: "cancelled", stop: new AbortController(), outlived: false, done: Promise.resolve() };
}

/** What the end of the program stopped waits for its user. */
function endOf({ job, outlived }: Entry): Job["state"] {
  return outlived && job.state === "cancelled" ? "paused" : job.state;
}

function pausedIds(jobs: readonly Job[]): string {
  return jobs.flatMap(({ id, state }) => (state === "paused" ? [id] : [])).join(" ");
}

function isLive({ state }: Job): boolean {
  return state === "queued" || state === "running";
}

/** A paused job waits for its user: it neither runs nor has it ended. */
function isEnded(job: Job): boolean {
  return !isLive(job) && job.state !== "paused";
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
  const ended = [...entries].filter(([, { job }]) => isEnded(job));
  for (const [id] of ended.slice(0, Math.max(0, ended.length - mostEnded))) entries.delete(id);
}

type Change = (changes: Partial<Job>, now: boolean) => void;

interface Following {
  work: JobWork;
  jobs: Jobs<Place>;
  entry: Entry;
  change: Change;
  turn: Turn;
}

async function follow({ work, jobs, entry, change, turn }: Following): Promise<void> {
  const run = (): void => {
    if (entry.job.state === "queued") change({ state: "running" }, true);
  };
  const begin = (signal: AbortSignal): AsyncIterable<JobStep> => {
    if (!work.waits) run();
    return work.steps(signal, turn);
  };
  try {
    const steps = jobs.runJob(work.place, ({ signal }) => begin(signal), { signal: entry.stop.signal, turn });
    for await (const { changes, now } of steps) {
      run();
      change(changes, now);
    }
    change({ state: "finished", finishedAt: new Date().toISOString() }, true);
  } catch (thrown) {
    const error = toDeltaScopeError(thrown);
    const stopped = error.code === "job.cancelled";
    const ended = { finishedAt: new Date().toISOString(), note: work.kept() };
    change({ ...ended, state: stopped ? entry.stopsAs : "failed", error: stopped ? null : error.toDocument() }, true);
  }
}
