/** The audit document from whatever answers are there: the same for a run that just ended and for stored answers. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { AuditDocument, AuditRow, AuditSpec, SweepPoint } from "../../contract/domain/audit.ts";
import type { TaskResult } from "../evaluation/answers.ts";
import { benjaminiHochberg, holm } from "../evaluation/statistics/adjust.ts";
import { bootstrapDraws, bootstrapSeed } from "../evaluation/statistics/bootstrap.ts";
import type { Task } from "../evaluation/tasks/task.ts";
import { programVersion } from "../version.ts";
import { compareTask } from "./compare.ts";
import { confoundTable, type MeasuredRun } from "./confounds.ts";
import { deriveAuditFindings } from "./findings/findings.ts";
import { type IntervalOf, intervals } from "./intervals.ts";
import { isChoiceResult, type ScoredVariant } from "./scoring.ts";
import { accuracyOf, type StageWeights, stageRows } from "./stages.ts";
import { type ComparedVariant, sweepPoints } from "./sweep.ts";
import { armsOf, sweepLambdas } from "./variants.ts";

export interface AuditMaterial {
  spec: AuditSpec;
  base: { path: string; fingerprint: string };
  tasks: readonly Task[];
  /** The base first, where it was scored. */
  scored: readonly ScoredVariant[];
  /** All runs of the workspace with scores on the same old tasks and an analysis. */
  measuredRuns: readonly MeasuredRun[];
  /** By place in the chain; empty unless the question is a sequence. */
  stageWeights: readonly StageWeights[];
  failures: AuditDocument["failures"];
  alerts: readonly Alert[];
  threads: number;
  startedAt: Date;
}

export async function assembleAudit(material: AuditMaterial, signal?: AbortSignal): Promise<AuditDocument> {
  const { spec, tasks, scored } = material;
  const intervalOf = intervals(signal);
  const base = scored.find(({ variant }) => variant.run === undefined);
  const compared = base === undefined ? [] : await compareAll(base, scored, tasks, intervalOf);
  const rows = adjustFamily(compared.flatMap(({ comparisons }) => comparisons.map(({ row }) => row)));
  const sweep = await sweepPoints(compared, pooledTasks(tasks, base), intervalOf);
  const stages = spec.sequence ? stageRows(scored, tasks, material.stageWeights) : [];
  const evidence = { spec, rows, sweep, compared, stages, runs: material.measuredRuns };
  return {
    schema: "deltascope.audit/1",
    version: programVersion,
    startedAt: material.startedAt.toISOString(),
    seconds: (Date.now() - material.startedAt.getTime()) / 1000,
    base: material.base,
    settings: {
      ...spec.settings,
      k: spec.k,
      epsilon: spec.epsilon,
      threads: material.threads,
      bootstrapDraws,
      bootstrapSeed,
    },
    baseline: base === undefined ? [] : baselineOf(base, tasks),
    rows,
    flips: compared.flatMap(({ comparisons }) => comparisons.flatMap(({ flips }) => flips)),
    sweep,
    confounds: confoundTable(material.measuredRuns),
    stages,
    failures: material.failures,
    findings: await deriveAuditFindings(evidence, intervalOf),
    alerts: [...material.alerts, ...controlAlerts(spec, sweep)],
  };
}

async function compareAll(
  base: ScoredVariant,
  scored: readonly ScoredVariant[],
  tasks: readonly Task[],
  intervalOf: IntervalOf,
): Promise<ComparedVariant[]> {
  const compared: ComparedVariant[] = [];
  for (const { variant, results, weights } of scored) {
    if (variant.run === undefined) continue;
    const comparisons: ComparedVariant["comparisons"][number][] = [];
    for (const task of tasks) {
      const [before, after] = [base.results.get(task.spec.name), results.get(task.spec.name)];
      if (before === undefined || after === undefined) continue;
      const comparison = await compareTask(task, { base: before, tuned: after }, variant, intervalOf);
      if (comparison) comparisons.push(comparison);
    }
    compared.push({ variant, comparisons, weights });
  }
  return compared;
}

/** All tests of one audit are one family: tasks × runs × λ × arms. */
function adjustFamily(rows: readonly AuditRow[]): AuditRow[] {
  const family = rows.map(({ mcnemarP }) => mcnemarP).filter((p) => p !== null);
  const [strict, lax] = [holm(family), benjaminiHochberg(family)];
  let place = -1;
  return rows.map((row) => {
    if (row.mcnemarP === null) return { ...row, fdrP: null };
    place += 1;
    return { ...row, adjustedP: strict[place] ?? null, fdrP: lax[place] ?? null };
  });
}

/** Choice tasks that the base answered, by role. */
function pooledTasks(tasks: readonly Task[], base: ScoredVariant | undefined): { retain: string[]; fresh: string[] } {
  const answered = tasks.filter(({ kind, spec }) => kind === "choice" && base?.results.has(spec.name));
  const named = (role: string) => answered.filter(({ spec }) => spec.role === role).map(({ spec }) => spec.name);
  return { retain: named("retain"), fresh: named("new") };
}

function baselineOf({ results }: ScoredVariant, tasks: readonly Task[]): AuditDocument["baseline"] {
  return tasks.flatMap((task) => {
    const result = results.get(task.spec.name);
    if (result === undefined) return [];
    const { name, role } = task.spec;
    return [{ task: name, role, value: figureOf(result, task), items: result.perItem.length }];
  });
}

/** Accuracy, or bits per byte of a text task. */
export function figureOf(result: TaskResult, task: Task): number {
  return isChoiceResult(result) ? (accuracyOf(result, task) ?? 0) : result.bits_per_byte;
}

/** An intervention without any control arm says nothing about intruders. */
function controlAlerts(spec: AuditSpec, sweep: readonly SweepPoint[]): Alert[] {
  const arms = armsOf(spec);
  const intervened = sweep.some(({ arm, lambda }) => arm === "scale" && lambda !== 1);
  const controlled = sweep.some(({ arm, lambda }) => arm !== "scale" && lambda !== 1);
  if (sweepLambdas(spec).length === 0 || !intervened || controlled) return [];
  const missing = arms.length > 1 ? "has no answers" : "was not asked for";
  return [makeAlert("audit.control-missing", `The intruders were scaled, but a control arm ${missing}.`)];
}
