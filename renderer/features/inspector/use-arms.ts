/** What every arm does at the λ on screen: weights in closed form, task figures where they are stored. */
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { AuditDocument, AuditSpec } from "../../../src/contract/domain/audit.ts";
import type { AppRun, ModuleRow } from "../../../src/contract/domain/cells.ts";
import { type Arm, type ArmOutcome, arm as armNames, type EditGeometry } from "../../../src/contract/domain/edit.ts";
import type { Job } from "../../../src/contract/domain/job.ts";
import {
  armOutcomesQuery,
  auditQuestionsQuery,
  editGeometryQuery,
  storedAuditQuery,
} from "../../client/audit-queries.ts";
import { useEngine } from "../../client/engine.ts";
import { mergeJob } from "../../client/live-cache.ts";
import { jobsQuery } from "../../client/queries.ts";
import { announce } from "../../widgets/announce.ts";
import { type ArmLine, armLines, decidedAgain } from "./model/scaling.ts";
import type { Place } from "./use-place.ts";
import type { Scaling } from "./use-scaling.ts";

/** Stored task figures are looked up when λ has rested for so long, in milliseconds. */
const pause = 150;

export interface Arms {
  lines: readonly ArmLine[];
  /** Modules in scope with chosen vectors. */
  modules: number;
  document: AuditDocument | undefined;
  /** Undefined while no task was ever measured on this base. */
  question: AuditSpec | undefined;
  /** Counts the intruders that no closed form knows; undefined where that is done or under way. */
  count: (() => void) | undefined;
  counting: boolean;
  waiting: (arm: Arm | undefined) => boolean;
  measure: (arms: readonly Arm[]) => void;
  busy: boolean;
  pending: boolean;
  error: unknown;
}

export function useArms(place: Place, run: AppRun, row: ModuleRow, scaling: Scaling): Arms {
  const engine = useEngine();
  const { scope, which, lambda } = scaling;
  const { settings, own } = place;
  const names = useMemo(() => (scope === "module" ? [row.name] : undefined), [scope, row.name]);
  const answer = useQuery(editGeometryQuery(engine, run.id, names));
  const geometries = useMemo(() => decidedAgain(answer.data ?? none, own, settings), [answer.data, own, settings]);
  const task = useTaskFigures(place, run, scaling);
  const { document, spec } = task;
  const question = { lambda, which, k: settings.k, label: run.label };
  const counts = useCounts(place, run, row, scaling);
  const lines = useMemo(
    () => (geometries.length === 0 ? [] : withCounts(armLines(geometries, document, question), counts.known)),
    [geometries, document, question.lambda, question.which, question.k, question.label, counts.known],
  );
  const jobs = useQuery(jobsQuery(engine)).data ?? [];
  const start = useStart();
  return {
    lines,
    modules: lines[1]?.weights.modules ?? 0,
    document,
    question: task.question,
    count: counts.ask,
    counting: counts.asking,
    waiting: (arm) => jobs.some((job) => isWaiting(job, run.path, lambda, arm)),
    measure: (arms) => spec && start.mutate({ ...spec, arms: [...arms] }),
    busy: start.isPending,
    pending: answer.isPending,
    error: answer.error ?? start.error,
  };
}

const none: readonly EditGeometry[] = [];

/** Arms that move the vectors themselves: their intruders are counted in the edited matrix. */
const counted: readonly Arm[] = ["step", "shrink", "rescaled", "interpolate"];

/** For one module at once, when λ has rested; for a whole run when it is asked for. */
function useCounts(place: Place, run: AppRun, row: ModuleRow, { scope, which, lambda }: Scaling) {
  const engine = useEngine();
  const [rested] = useDebouncedValue(lambda, pause);
  const { k, epsilon } = place.settings;
  const intervention = { lambda: rested, which, k, epsilon, ...(scope === "module" && { modules: [row.name] }) };
  const key = JSON.stringify(intervention);
  const [asked, setAsked] = useState<string>();
  const enabled = rested !== 1 && (scope === "module" || asked === key);
  const { data, isFetching } = useQuery({ ...armOutcomesQuery(engine, run.id, intervention, counted), enabled });
  const known = rested === lambda ? data : undefined;
  const open = lambda !== 1 && known === undefined && !enabled;
  return { known, asking: isFetching, ask: open ? () => setAsked(key) : undefined };
}

function withCounts(lines: readonly ArmLine[], known: readonly ArmOutcome[] | undefined): ArmLine[] {
  return lines.map((line) => {
    const count = known?.find(({ arm }) => arm === line.arm)?.intruders;
    if (line.weights.intruders !== null || count === undefined) return line;
    return { ...line, weights: { ...line.weights, intruders: count } };
  });
}

/** Task figures are those of the run with λ on all its modules, unless vectors were ticked. */
function useTaskFigures(place: Place, run: AppRun, { which, lambda }: Scaling) {
  const engine = useEngine();
  const questions = useQuery({ ...auditQuestionsQuery(engine), retry: false }).data;
  const question = questions?.find(({ base }) => base === run.base.path);
  const [rested] = useDebouncedValue(lambda, pause);
  const { k, epsilon } = place.settings;
  const spec = useMemo<AuditSpec | undefined>(
    () =>
      question && {
        ...question,
        tuned: [{ label: run.label, path: run.path }],
        lambdas: rested === 1 ? [] : [rested],
        arms: [...armNames.options],
        which,
        k,
        epsilon,
        sequence: false,
      },
    [question, run.label, run.path, rested, which, k, epsilon],
  );
  const { data } = useQuery({ ...storedAuditQuery(engine, spec), retry: false });
  return { question, spec, document: spec && data };
}

function isWaiting({ question, state }: Job, path: string, lambda: number, arm: Arm | undefined): boolean {
  if (question.kind !== "audit" || (state !== "queued" && state !== "running")) return false;
  const { tuned, lambdas, arms } = question.spec;
  if (!tuned.some((entry) => entry.path === path)) return false;
  return arm === undefined || lambda === 1 || (lambdas.includes(lambda) && arms.includes(arm));
}

function useStart() {
  const engine = useEngine();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (spec: AuditSpec) => engine.jobs.start({ kind: "audit", spec }),
    onSuccess: (queued) => {
      queries.setQueryData<Job[]>(["jobs"], (jobs = []) => mergeJob(jobs, queued));
      announce(`${queued.title} is queued.`);
    },
  });
}
