/** Joins address and answers of the engine to what Forgetting shows. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { AuditDocument, AuditSpec } from "../../../src/contract/domain/audit.ts";
import type { AppRun } from "../../../src/contract/domain/cells.ts";
import type { Arm } from "../../../src/contract/domain/edit.ts";
import type { Job } from "../../../src/contract/domain/job.ts";
import { auditQuestionsQuery, storedAuditQuery } from "../../client/audit-queries.ts";
import { useEngine } from "../../client/engine.ts";
import { jobsQuery, runsQuery } from "../../client/queries.ts";
import {
  chosenQuestion,
  mostRuns,
  type Pair,
  parseArms,
  parsePair,
  type Subject,
  subjectsOf,
  viewSpec,
} from "./model/question.ts";
import { measuredLambdas, sweptSubject, usualLambda } from "./model/sweep.ts";
import { type Column, isFailureOf } from "./model/table.ts";
import type { ForgettingSearch } from "./search.ts";

const route = getRouteApi("/forgetting");
const noRuns: readonly AppRun[] = [];
const noQuestions: readonly AuditSpec[] = [];
const noJobs: readonly Job[] = [];

export interface ForgettingModel {
  search: ForgettingSearch;
  change: (changes: Partial<ForgettingSearch>, quiet?: boolean) => void;
  state: "loading" | "failed" | "no-runs" | "unmeasured" | "ready";
  error: unknown;
  retry: () => void;
  /** Base of what is shown, or of the first run where nothing was asked yet. */
  base: { path: string; label: string } | undefined;
  /** The last audit of this base; what to measure comes from it. */
  question: AuditSpec | undefined;
  /** What is asked of the store now. */
  spec: AuditSpec | undefined;
  document: AuditDocument | undefined;
  /** Values of the last question are shown while those of the new one are on their way. */
  stale: boolean;
  /** Every tuned model of the base. */
  family: readonly Subject[];
  shown: readonly Subject[];
  /** Runs as trained, then the swept run at λ. */
  columns: readonly Column[];
  swept: Subject | undefined;
  lambda: number | undefined;
  arms: readonly Arm[] | undefined;
  pair: Pair | undefined;
  jobs: readonly Job[];
  /** The newest evaluation of this base, once it has ended. */
  lastJob: Job | undefined;
  /** Models that could not be measured, by their labels: "lora-r4", "lora-r4 λ 0.90 scale". */
  failures: AuditDocument["failures"];
}

export function useForgetting(): ForgettingModel {
  const engine = useEngine();
  const search = route.useSearch() as ForgettingSearch;
  const runs = useQuery(runsQuery(engine));
  const questions = useQuery(auditQuestionsQuery(engine));
  const jobs = useQuery(jobsQuery(engine)).data ?? noJobs;
  const named = useMemo(() => search.runs?.split(",") ?? [], [search.runs]);
  const all = runs.data ?? noRuns;
  const question = useMemo(
    () => chosenQuestion(questions.data ?? noQuestions, all, named),
    [questions.data, all, named],
  );
  const basePath = question?.base ?? all.find(({ id }) => named.includes(id))?.base.path ?? all[0]?.base.path;
  const family = useMemo(
    () => (basePath === undefined ? [] : subjectsOf(all, basePath, question)),
    [all, basePath, question],
  );
  const shown = useShown(question, family, named);
  const spec = useMemo(
    () => (question && shown.length > 0 ? viewSpec(question, shown, search.lambda) : undefined),
    [question, shown, search.lambda],
  );
  const answer = useQuery(storedAuditQuery(engine, spec));
  const document = spec && answer.data;
  const view = useShownParts(document, shown, search);
  const lastJob = useMemo(() => endedJob(jobs, basePath), [jobs, basePath]);
  const failures = useMemo(() => failuresOf(document, lastJob, shown), [document, lastJob, shown]);
  const failed = [runs, questions, answer].find(({ error }) => error !== null);
  const pending = runs.isPending || questions.isPending || (spec !== undefined && answer.isPending);
  return {
    search,
    change: useChange(),
    state: stateOf(failed !== undefined && document === undefined, pending, family.length, document),
    error: failed?.error ?? null,
    retry: () => void failed?.refetch(),
    base: basePath === undefined ? undefined : { path: basePath, label: baseLabel(all, basePath) },
    question,
    spec,
    document,
    stale: answer.isPlaceholderData,
    family,
    shown,
    jobs,
    lastJob,
    failures,
    ...view,
  };
}

/** Undefined while an evaluation of the base is waiting or running: its failures are not known yet. */
function endedJob(jobs: readonly Job[], base: string | undefined): Job | undefined {
  const own = jobs.filter(({ question }) => question.kind === "audit" && question.spec.base === base);
  const newest = own.toSorted((a, b) => b.queuedAt.localeCompare(a.queuedAt))[0];
  return newest && ["finished", "paused", "cancelled", "failed"].includes(newest.state) ? newest : undefined;
}

/** Those of the answer and of the last evaluation, each once, of what is shown. */
function failuresOf(
  document: AuditDocument | undefined,
  lastJob: Job | undefined,
  shown: readonly Subject[],
): AuditDocument["failures"] {
  const all = [...(document?.failures ?? []), ...(lastJob?.failures ?? [])];
  const known = all.filter(({ label }) => shown.some((subject) => isFailureOf(label, subject)));
  return known.filter(({ label }, index) => known.findIndex((other) => other.label === label) === index);
}

function baseLabel(runs: readonly AppRun[], path: string): string {
  return runs.find(({ base }) => base.path === path)?.base.label ?? path.split("/").at(-1) ?? path;
}

function stateOf(
  failed: boolean,
  pending: boolean,
  subjects: number,
  document: AuditDocument | undefined,
): ForgettingModel["state"] {
  if (failed) return "failed";
  if (pending) return "loading";
  if (subjects === 0) return "no-runs";
  return document === undefined ? "unmeasured" : "ready";
}

/** The named runs; without names all of the base of which something is stored, or those of the last audit. */
function useShown(question: AuditSpec | undefined, family: readonly Subject[], named: readonly string[]): Subject[] {
  const engine = useEngine();
  const asked = useMemo(() => family.filter(({ id }) => named.includes(id)), [family, named]);
  const wide = useMemo(
    () => (question && asked.length === 0 ? { ...viewSpec(question, family, undefined), lambdas: [] } : undefined),
    [question, family, asked],
  );
  const { data } = useQuery(storedAuditQuery(engine, wide));
  return useMemo(() => {
    if (asked.length > 0) return asked;
    const last = family.filter(({ path }) => question?.tuned.some((tuned) => tuned.path === path));
    const stored = family.filter(({ label }) => data?.rows.some((row) => row.label === label));
    const either = family.filter((subject) => last.includes(subject) || stored.includes(subject));
    return either.slice(0, mostRuns);
  }, [asked, family, question, data]);
}

function useShownParts(document: AuditDocument | undefined, shown: readonly Subject[], search: ForgettingSearch) {
  return useMemo(() => {
    const swept = sweptSubject(document, shown, search.of);
    const measured = document && swept ? measuredLambdas(document, swept) : [];
    const lambda = search.lambda ?? usualLambda(measured);
    const trained = shown.map((subject) => ({ subject, lambda: 1 }));
    const edited = swept && lambda !== undefined && lambda !== 1 ? { subject: swept, lambda } : undefined;
    return {
      swept,
      lambda,
      columns: edited ? withIntervention(trained, edited) : trained,
      arms: parseArms(search.arms),
      pair: parsePair(search.pair, shown, swept),
    };
  }, [document, shown, search]);
}

/** Columns that a common window has room for. */
const fewColumns = 4;

/** At the end; among many runs beside its own, so that both are in sight. */
function withIntervention(trained: readonly Column[], edited: Column): Column[] {
  const own = trained.findIndex(({ subject }) => subject === edited.subject) + 1;
  const place = trained.length <= fewColumns ? trained.length : own;
  return [...trained.slice(0, place), edited, ...trained.slice(place)];
}

function useChange(): ForgettingModel["change"] {
  const navigate = useNavigate();
  return useCallback(
    (changes, quiet = false) =>
      void navigate({
        to: "/forgetting",
        search: (before) => ({ ...(before as ForgettingSearch), ...changes }),
        replace: quiet,
        resetScroll: false,
      }),
    [navigate],
  );
}
