/** Opens trained weights in Compare: they join the library, what is not stored is computed while it is looked at. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { AnalysisSpec } from "../../../src/contract/domain/analysis.ts";
import { DeltaScopeError } from "../../../src/contract/errors.ts";
import { shortRunId } from "../../../src/contract/run-id.ts";
import { useEngine } from "../../client/engine.ts";
import { openedJob } from "../../client/opened-job.ts";
import { runsQuery } from "../../client/queries.ts";
import { useStillHere } from "../../widgets/use-still-here.ts";

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

/** All sources have one base. */
export function useCompare() {
  const engine = useEngine();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const isStillHere = useStillHere();
  return useMutation({
    mutationFn: async (sources: readonly TrainedSource[]) => {
      const base = sources[0]?.base;
      if (base === undefined) return;
      await engine.library.add({ paths: [base, ...sources.map(({ path }) => path)] });
      const tuned = sources.map(({ label, path }) => ({ label, path }));
      const started = await engine.jobs.start({ kind: "analysis", spec: { base, tuned, settings, embeddings: false } });
      const job = await openedJob(engine, started, sources.length, isStillHere);
      const failure = job.failures[0]?.error ?? job.error;
      if (job.analyses.length === 0 && failure) throw new DeltaScopeError(failure.code, failure.message, failure.where);
      await queries.invalidateQueries({ queryKey: runsQuery(engine).queryKey });
      const runs = job.analyses.map(shortRunId);
      if (runs.length > 0 && isStillHere()) await navigate({ to: "/compare", search: { runs: runs.join(",") } });
    },
  });
}
