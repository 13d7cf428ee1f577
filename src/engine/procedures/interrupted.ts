/** What a process left behind when it died, as jobs that can be taken up again. */
import type { Job } from "../../contract/domain/job.ts";
import type { TrainingRun } from "../../contract/domain/training.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { analysisTitle } from "../jobs/analysis-job.ts";
import { auditTitle } from "../jobs/audit-job.ts";
import { keptInWords } from "../jobs/job-work.ts";
import { sweepTitle } from "../jobs/sweep-job.ts";
import { trainingTitle } from "../jobs/training-job.ts";
import type { RunRecord, Store } from "../store/types.ts";
import { inKeptOrder } from "./job-order.ts";
import { keptPausedJobs } from "./paused-jobs.ts";

/** In their user's order, else the oldest first, as a queue would hold them. */
export async function interruptedJobs(store: Store): Promise<Job[]> {
  const jobs = [
    ...(await keptPausedJobs(store)),
    ...(await interruptedAnalyses(store)),
    ...(await interruptedAudits(store)),
    ...(await interruptedTrainings(store)),
    ...(await interruptedSweeps(store)),
  ];
  return inKeptOrder(jobs, store);
}

/** The newest run of each question; runs of older versions have no question to ask again. */
async function interruptedAnalyses(store: Store): Promise<Job[]> {
  const jobs = new Map<string, Job>();
  for (const id of store.interrupted) {
    const run = await store.run(id);
    const key = JSON.stringify(run?.spec);
    if (run?.spec && !jobs.has(key)) jobs.set(key, await interruptedAnalysis(store, run, run.spec));
  }
  return [...jobs.values()];
}

async function interruptedAnalysis(store: Store, run: RunRecord, spec: NonNullable<RunRecord["spec"]>): Promise<Job> {
  const stored = await Promise.all(run.members.map(({ analysis }) => store.storedModules(analysis)));
  const wanted = run.members.map(({ modules }, index) => modules ?? [...(stored[index] ?? [])]);
  const kept = wanted.map((names, index) => names.filter((name) => stored[index]?.has(name)).length);
  return {
    ...interrupted("analysis"),
    id: run.id,
    question: { kind: "analysis", spec },
    title: analysisTitle(spec),
    note: keptInWords(sum(kept), sum(wanted.map(({ length }) => length)), "module"),
    queuedAt: run.startedAt,
    analyses: run.members.map(({ analysis }) => analysis),
    failures: run.failures,
  };
}

async function interruptedAudits(store: Store): Promise<Job[]> {
  if (store.interruptedAudits.length === 0) return [];
  const left = new Set(store.interruptedAudits);
  const records = (await store.audits()).filter(({ id }) => left.has(id));
  return records.map(({ id, spec, askedAt }) => ({
    ...interrupted("audit"),
    id,
    question: { kind: "audit", spec },
    title: auditTitle(spec),
    note: "Every answer that was scored is kept.",
    queuedAt: askedAt,
    analyses: [],
    failures: [],
  }));
}

/** Those of a sweep go on with it. */
async function interruptedTrainings(store: Store): Promise<Job[]> {
  const left = (await store.trainings()).filter(({ run }) => run.sweep === null && isLeft(run));
  return left.map(({ run, askedAt }) => ({
    ...(run.state === "paused" ? paused : interrupted("fine-tune")),
    id: `training-${run.id}`,
    question: { kind: "training", spec: { run: run.id } },
    title: trainingTitle(run.name),
    note: run.checkpoint === null ? "No checkpoint was saved yet." : "Its newest checkpoint is kept.",
    queuedAt: askedAt,
    analyses: [],
    failures: [],
  }));
}

function isLeft({ state, error }: TrainingRun): boolean {
  return state === "paused" || (state === "failed" && error?.code === "job.interrupted");
}

async function interruptedSweeps(store: Store): Promise<Job[]> {
  const left = (await store.sweeps()).filter(({ state }) => state === "paused");
  return left.map(({ id, spec, askedAt }) => ({
    ...paused,
    id: `sweep-${id}`,
    question: { kind: "sweep", spec: { id } },
    title: sweepTitle(spec.name),
    note: "Runs that have finished are kept.",
    queuedAt: askedAt,
    analyses: [],
    failures: [],
  }));
}

const paused = { state: "paused", progress: null, error: null, finishedAt: null } as const;

function interrupted(what: string): Pick<Job, "state" | "progress" | "error" | "finishedAt"> {
  const error = new DeltaScopeError("job.interrupted", `The program ended while this ${what} was running.`);
  return { state: "failed", progress: null, error: error.toDocument(), finishedAt: null };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
