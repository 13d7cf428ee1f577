/** Opens trained weights in Compare: they join the library, what is not stored is computed while it is looked at. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { AnalysisSpec } from "../../../src/contract/domain/analysis.ts";
import type { Job } from "../../../src/contract/domain/job.ts";
import { DeltaScopeError } from "../../../src/contract/errors.ts";
import { type EngineClient, useEngine } from "../../client/engine.ts";
import { runsQuery } from "../../client/queries.ts";

export interface TrainedSource {
  base: string;
  path: string;
  label: string;
}

/** The intruder test as Compare opens with. */
const settings: AnalysisSpec["settings"] = {
  ...{ k: 10, epsilon: 0.5, side: "left", seed: 0 },
  ...{ quick: false, exact: false, asMerged: false },
};
/** How often a job is asked whether its sources are open, in milliseconds. */
const askEvery = 100;
/** Characters of a question's hash that make a run's id in addresses. */
const runIdLength = 12;

/** All sources have one base. */
export function useCompare() {
  const engine = useEngine();
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (sources: readonly TrainedSource[]) => {
      const base = sources[0]?.base;
      if (base === undefined) return;
      await engine.library.add({ paths: [base, ...sources.map(({ path }) => path)] });
      const tuned = sources.map(({ label, path }) => ({ label, path }));
      const started = await engine.jobs.start({ kind: "analysis", spec: { base, tuned, settings, embeddings: false } });
      const job = await openedJob(engine, started, sources.length);
      const failure = job.failures[0]?.error ?? job.error;
      if (job.analyses.length === 0 && failure) throw new DeltaScopeError(failure.code, failure.message, failure.where);
      await queries.invalidateQueries({ queryKey: runsQuery(engine).queryKey });
      const runs = job.analyses.map((analysis) => analysis.slice(0, runIdLength));
      await navigate({ to: "/compare", search: { runs: runs.join(",") } });
    },
  });
}

/** Resolves when every source of the job was opened or refused, or the job ended. */
async function openedJob(engine: EngineClient, started: Job, sources: number): Promise<Job> {
  let job = started;
  while (!hasEnded(job) && job.analyses.length + job.failures.length < sources) {
    await new Promise((resolve) => setTimeout(resolve, askEvery));
    job = (await engine.jobs.list()).find(({ id }) => id === started.id) ?? job;
  }
  return job;
}

function hasEnded({ state }: Job): boolean {
  return state === "finished" || state === "failed" || state === "cancelled";
}
