/** Runs that a process left behind when it died, as jobs that can be taken up again. */
import type { Job } from "../../contract/domain/job.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { analysisTitle } from "../jobs/analysis-job.ts";
import { keptInWords } from "../jobs/job-work.ts";
import type { RunRecord, Store } from "../store/types.ts";

/** The newest run of each question; runs of older versions have no question to ask again. */
export async function interruptedJobs(store: Store): Promise<Job[]> {
  const jobs = new Map<string, Job>();
  for (const id of store.interrupted) {
    const run = await store.run(id);
    const key = JSON.stringify(run?.spec);
    if (run?.spec && !jobs.has(key)) jobs.set(key, await interruptedJob(store, run, run.spec));
  }
  return [...jobs.values()].reverse();
}

async function interruptedJob(store: Store, run: RunRecord, spec: NonNullable<RunRecord["spec"]>): Promise<Job> {
  const stored = await Promise.all(run.members.map(({ analysis }) => store.storedModules(analysis)));
  const wanted = run.members.map(({ modules }, index) => modules ?? [...(stored[index] ?? [])]);
  const kept = wanted.map((names, index) => names.filter((name) => stored[index]?.has(name)).length);
  const error = new DeltaScopeError("job.interrupted", "The program ended while this analysis was running.");
  return {
    id: run.id,
    question: { kind: "analysis", spec },
    title: analysisTitle(spec),
    state: "failed",
    progress: null,
    error: error.toDocument(),
    note: keptInWords(sum(kept), sum(wanted.map(({ length }) => length)), "module"),
    queuedAt: run.startedAt,
    finishedAt: null,
    analyses: run.members.map(({ analysis }) => analysis),
    failures: run.failures,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
