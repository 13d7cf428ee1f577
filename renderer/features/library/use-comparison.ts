/** "Compare n runs": computes what is not stored, then opens Compare on the runs; what cannot be paired stays here. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import type { AppRun } from "../../../src/contract/domain/cells.ts";
import type { Job } from "../../../src/contract/domain/job.ts";
import type { LibraryItem } from "../../../src/contract/domain/library.ts";
import type { ErrorDocument } from "../../../src/contract/errors.ts";
import { type EngineClient, useEngine } from "../../client/engine.ts";
import { openedJob } from "../../client/opened-job.ts";
import { jobsQuery, runsQuery } from "../../client/queries.ts";
import { announce } from "../../widgets/announce.ts";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { type Comparison, isComplete, runIdsOf, specOf, storedRun } from "./model/comparison.ts";

export interface ComparisonFailure {
  base: LibraryItem;
  /** The item that could not be compared; undefined when the whole job failed. */
  item: LibraryItem | undefined;
  error: ErrorDocument;
  /** Runs of the same comparison that did open. */
  others: string[];
}

/** How often it is asked whether the questions of a job were written down, in milliseconds. */
const askEvery = 50;

export function useComparison() {
  const engine = useEngine();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const [opening, setOpening] = useState<Comparison>();
  const [failures, setFailures] = useState<ComparisonFailure[]>([]);
  const shown = useRef(true);
  useEffect(() => {
    shown.current = true;
    return () => {
      shown.current = false;
    };
  }, []);

  const openRuns = (ids: readonly string[]) => navigate({ to: "/compare", search: { runs: ids.join(",") } } as never);

  /** `whenPaired` runs before the view changes, once every source was opened and paired. */
  async function compare(comparison: Comparison, whenPaired?: () => Promise<unknown>) {
    setFailures([]);
    setOpening(comparison);
    // The view loads while the engine opens the sources.
    void router.preloadRoute({ to: "/compare" } as never);
    try {
      const { ids, failed, runs } = await runsFor(engine, comparison, () => shown.current);
      queries.setQueryData(runsQuery(engine).queryKey, runs);
      void queries.invalidateQueries({ queryKey: jobsQuery(engine).queryKey });
      if (failed.length === 0) await whenPaired?.();
      if (!shown.current) return;
      if (failed.length === 0 && ids.length > 0) await openRuns(ids);
      else report(failed.map((failure) => ({ ...failure, others: ids })));
    } catch (thrown) {
      report([{ base: comparison.base, item: undefined, error: toErrorDocument(thrown), others: [] }]);
    } finally {
      setOpening(undefined);
    }
  }

  function report(found: ComparisonFailure[]) {
    setFailures(found);
    for (const { error } of found) announce(`Not compared: ${error.message}`);
  }

  return { compare, opening, failures, openRuns, forget: () => setFailures([]) };
}

interface Opened {
  ids: string[];
  failed: Omit<ComparisonFailure, "others">[];
  /** All runs of the workspace by now. */
  runs: AppRun[];
}

async function runsFor(engine: EngineClient, comparison: Comparison, wanted: () => boolean): Promise<Opened> {
  const { base, tuned } = comparison;
  const before = await engine.runs.all();
  const stored = tuned.flatMap((item) => storedRun(item, base, before) ?? []);
  const missing = tuned.filter((item) => !isComplete(storedRun(item, base, before)));
  if (missing.length === 0) return { ids: runIdsOf(stored), failed: [], runs: before };
  const started = await engine.jobs.start({ kind: "analysis", spec: specOf({ base, tuned: missing }) });
  const job = await openedJob(engine, started, missing.length, wanted);
  const after = await storedRuns(engine, job.analyses, wanted);
  return { ids: runIdsOf(chosenRuns(after, stored, job)), failed: failuresOf(job, comparison), runs: after };
}

/** Questions of a job are written down a moment after they are known; no longer than two seconds are waited for that. */
const mostAsked = 40;

async function storedRuns(engine: EngineClient, analyses: readonly string[], wanted: () => boolean): Promise<AppRun[]> {
  for (let asked = 1; ; asked += 1) {
    const runs = await engine.runs.all();
    const complete = analyses.every((id) => runs.some(({ analysis }) => analysis === id));
    if (complete || asked === mostAsked || !wanted()) return runs;
    await new Promise((resolve) => setTimeout(resolve, askEvery));
  }
}

/** Runs that were complete before, and those of the job. */
function chosenRuns(runs: readonly AppRun[], stored: readonly AppRun[], job: Job): AppRun[] {
  const wanted = new Set([...stored.map(({ analysis }) => analysis), ...job.analyses]);
  return runs.filter(({ analysis }) => wanted.has(analysis));
}

function failuresOf(job: Job, { base, tuned }: Comparison): Opened["failed"] {
  const single = job.failures.map(({ path, error }) => ({
    base,
    error,
    item: tuned.find((item) => item.path === path),
  }));
  if (single.length > 0 || !job.error) return single;
  return [{ base, item: tuned.length === 1 ? tuned[0] : undefined, error: job.error }];
}
