/** Analyses that go on whatever happens to the window that asked: one at a time, in the order they were asked. */
import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { AnalysisEvent } from "../../contract/api.ts";
import type { AnalysisSpec, ModuleMeasures } from "../../contract/domain/analysis.ts";
import type { ModuleRow } from "../../contract/domain/cells.ts";
import type { EngineEvent, Job } from "../../contract/domain/job.ts";
import { DeltaScopeError, toDeltaScopeError } from "../../contract/errors.ts";
import type { Jobs } from "./jobs.ts";
import { createThrottle } from "./throttle.ts";

/** Events of one kind reach listeners at most this often. */
const gapMs = 100;
/** A cancelled job answers within this time, with its end where that came sooner. */
const cancelWaitMs = 900;
/** Ended jobs that are listed; older ones are dropped, their results stay stored. */
const mostEnded = 50;

export interface QueueServices {
  jobs: Jobs<"analysis">;
  work(spec: AnalysisSpec, signal: AbortSignal): AsyncIterable<AnalysisEvent>;
  rowOf(analysis: string, module: ModuleMeasures): ModuleRow;
  publish(event: EngineEvent): void;
  /** Jobs that an earlier process left unfinished, to be listed as failed. */
  interrupted: readonly Job[];
}

export interface AnalysisQueue {
  list(): Job[];
  /** Answers the job that asks the same already, if it has not ended. */
  start(spec: AnalysisSpec): Job;
  /** Ends a job; answers it once it ended, or after about a second. @throws DeltaScopeError `job.not-found` */
  cancel(id: string): Promise<Job>;
  /** Asks an ended job's question again under the same id. @throws DeltaScopeError `job.not-found` */
  resume(id: string): Job;
  /** Forgets ended jobs; their results stay stored. */
  clear(ids: readonly string[]): Job[];
  /** Questions of jobs that have not ended. */
  states(): Map<string, "waiting" | "running">;
  /** Cancels everything and waits until it has ended. */
  stop(): Promise<void>;
}

interface Entry {
  job: Job;
  stop: AbortController;
  done: Promise<void>;
  kept: number;
  total: number;
}

export function createAnalysisQueue(services: QueueServices): AnalysisQueue {
  const entries = new Map<string, Entry>();
  for (const job of services.interrupted) entries.set(job.id, idleEntry(job));
  const tellRuns = (): void => services.publish({ type: "runs-changed" });
  const rows = createRowGatherer(services.publish);
  const jobsNow = (): Job[] => [...entries.values()].map(({ job }) => job);
  const find = (id: string): Entry => {
    const entry = entries.get(id);
    if (!entry) throw new DeltaScopeError("job.not-found", `There is no job ${JSON.stringify(id.slice(0, 64))}.`);
    return entry;
  };

  const launch = (job: Job): Job => {
    const entry = idleEntry(job);
    const tell = createThrottle(gapMs, () => services.publish({ type: "job", job: entry.job }));
    entries.set(job.id, entry);
    dropOldest(entries);
    const change = (changes: Partial<Job>, now: boolean): void => {
      entry.job = { ...entry.job, ...changes };
      if (now) tell.now();
      else tell.soon();
    };
    entry.done = follow(entry, services, change, (event) => {
      if (event.type === "plan") tellRuns(); // by now the store knows the job's questions
      if (event.type === "module" && !event.stored) rows.add(services.rowOf(event.analysis, event.module));
      if (event.type === "finished") rows.flush(); // before the job says that it has finished
    }).finally(() => {
      rows.flush();
      tellRuns();
    });
    tell.now();
    return entry.job;
  };

  return {
    list: jobsNow,
    start(spec) {
      const key = JSON.stringify(spec);
      const same = jobsNow().find((job) => isLive(job) && JSON.stringify(job.spec) === key);
      return same ?? launch(queuedJob(randomUUID(), spec));
    },
    async cancel(id) {
      const entry = find(id);
      entry.stop.abort();
      await Promise.race([entry.done, delay(cancelWaitMs, undefined, { ref: false })]);
      return entry.job;
    },
    resume(id) {
      const { job } = find(id);
      return isLive(job) ? job : launch(queuedJob(job.id, job.spec));
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
  return { job, stop: new AbortController(), done: Promise.resolve(), kept: 0, total: 0 };
}

function isLive({ state }: Job): boolean {
  return state === "queued" || state === "running";
}

function queuedJob(id: string, spec: AnalysisSpec): Job {
  return {
    id,
    kind: "analysis",
    title: titleOf(spec),
    spec,
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

/** Labels that a title names before it counts them. */
const mostNamed = 3;

/** "fft and lora-r4 against base". */
export function titleOf({ base, tuned }: AnalysisSpec): string {
  const labels = tuned.map(({ label }) => label);
  const last = labels.at(-1) ?? "";
  const named = labels.length === 1 ? last : `${labels.slice(0, -1).join(", ")} and ${last}`;
  const runs = labels.length > mostNamed ? `${labels.length} runs` : named;
  return base === undefined ? runs : `${runs} against ${basename(base)}`;
}

function dropOldest(entries: Map<string, Entry>): void {
  const ended = [...entries].filter(([, { job }]) => !isLive(job));
  for (const [id] of ended.slice(0, Math.max(0, ended.length - mostEnded))) entries.delete(id);
}

type Change = (changes: Partial<Job>, now: boolean) => void;

async function follow(
  entry: Entry,
  { jobs, work }: QueueServices,
  change: Change,
  pass: (event: AnalysisEvent) => void,
): Promise<void> {
  const begin = (signal: AbortSignal): AsyncIterable<AnalysisEvent> => {
    change({ state: "running" }, true);
    return work(entry.job.spec, signal);
  };
  try {
    const events = jobs.runJob("analysis", ({ signal }) => begin(signal), { signal: entry.stop.signal });
    for await (const event of events) {
      take(entry, event, change);
      pass(event);
    }
    change({ state: "finished", finishedAt: new Date().toISOString() }, true);
  } catch (thrown) {
    const error = toDeltaScopeError(thrown);
    const cancelled = error.code === "job.cancelled";
    const ended = { finishedAt: new Date().toISOString(), note: keptNote(entry.kept, entry.total) };
    change({ ...ended, state: cancelled ? "cancelled" : "failed", error: cancelled ? null : error.toDocument() }, true);
  }
}

/** What was kept, in words. */
export function keptNote(kept: number, total: number): string {
  if (total === 0) return "Nothing was computed yet.";
  return `${kept} of ${total} ${total === 1 ? "module is" : "modules are"} kept.`;
}

function take(entry: Entry, event: AnalysisEvent, change: Change): void {
  if (event.type === "started") {
    change({ analyses: [...new Set(event.analyses.map(({ analysis }) => analysis))] }, true);
  } else if (event.type === "plan") {
    entry.total = event.plan.modules;
  } else if (event.type === "module" && event.module.status === "measured") {
    entry.kept += 1;
  } else if (event.type === "progress") {
    change({ progress: event.progress }, false);
  } else if (event.type === "run-failed") {
    const { label, path, error } = event;
    change({ failures: [...entry.job.failures, { label, path, error }] }, false);
  }
}

/** Rows of modules that were just measured, told together. */
function createRowGatherer(publish: (event: EngineEvent) => void): { add(row: ModuleRow): void; flush(): void } {
  let waiting: ModuleRow[] = [];
  const throttle = createThrottle(gapMs, () => {
    if (waiting.length > 0) publish({ type: "modules", rows: waiting });
    waiting = [];
  });
  return {
    add(row) {
      waiting.push(row);
      throttle.soon();
    },
    flush: throttle.now,
  };
}
