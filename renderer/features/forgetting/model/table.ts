/** Tasks × checkpoints: what was measured, what it says, and what is missing. Pure. */
import type { AuditDocument, AuditRow, AuditSpec } from "../../../../src/contract/domain/audit.ts";
import type { Job } from "../../../../src/contract/domain/job.ts";
import type { Subject } from "./question.ts";

/** A column: a run as trained, or with its intruders scaled. */
export interface Column {
  subject: Subject;
  lambda: number;
}

export interface TaskLine {
  task: string;
  kind: "new" | "old" | "pooled" | "text";
  title: string;
  items: number;
  /** Accuracy or bits per byte of the base; undefined until it is measured. */
  base: number | undefined;
}

export interface Cell {
  state: "measured" | "waiting" | "missing" | "failed";
  /** Share, or bits per byte. */
  difference: number;
  interval: readonly [number, number] | undefined;
  lost: number | undefined;
  gained: number | undefined;
  p: number | undefined;
  /** The change is more than chance: p below 0.05, or, where there is no p, an interval without 0. */
  significant: boolean;
  value: number;
  row: AuditRow | undefined;
  /** Why the run failed. */
  why: string | undefined;
  /** Of a sum: mean of the tasks' differences, each task with the same weight. */
  macro: number | undefined;
}

const level = 0.05;

export const pooledTask = "";

/** New tasks first, then old ones, all old ones together, then text. */
export function taskLines(document: AuditDocument, spec: AuditSpec): TaskLine[] {
  const metricOf = (task: string) => document.rows.find((row) => row.task === task)?.metric;
  const lines = spec.tasks.map(({ name, role }): TaskLine => {
    const known = document.baseline.find(({ task }) => task === name);
    const text = metricOf(name) === "bits_per_byte";
    const kind = role === "new" ? "new" : text ? "text" : "old";
    return { task: name, kind, title: name, items: known?.items ?? 0, base: known?.value };
  });
  const of = (kind: TaskLine["kind"]) => lines.filter((line) => line.kind === kind);
  return [...of("new"), ...of("old"), ...pooledLine(of("old")), ...of("text")];
}

/** All items of the old tasks together; one task alone needs no sum. */
function pooledLine(old: readonly TaskLine[]): TaskLine[] {
  const measured = old.filter(({ base }) => base !== undefined);
  if (old.length < 2) return [];
  const items = measured.reduce((sum, line) => sum + line.items, 0);
  const right = measured.reduce((sum, line) => sum + (line.base ?? 0) * line.items, 0);
  const base = items > 0 ? right / items : undefined;
  return [{ task: pooledTask, kind: "pooled", title: "Old tasks, pooled", items, base }];
}

/** Mean over the old tasks of the base: each task counts the same. */
export function macroMean(lines: readonly TaskLine[]): number | undefined {
  const values = lines.flatMap(({ kind, base }) => (kind === "old" && base !== undefined ? [base] : []));
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function isOf(row: Pick<AuditRow, "label" | "lambda" | "arm">, { subject, lambda }: Column): boolean {
  return row.label === subject.label && row.lambda === lambda && (lambda === 1 || row.arm === "scale");
}

export interface CellContext {
  document: AuditDocument;
  jobs: readonly Job[];
  failures: AuditDocument["failures"];
}

export function cellOf({ document, jobs, failures }: CellContext, line: TaskLine, column: Column): Cell {
  const measured = line.kind === "pooled" ? pooledCell(document, column) : taskCell(document, line, column);
  if (measured) return measured;
  const failure = failures.find(({ label }) => isFailureOf(label, column.subject, column.lambda));
  const state = isWaiting(jobs, line, column) ? "waiting" : failure ? "failed" : "missing";
  return { ...nothing, state, why: failure?.error.message };
}

/** A failure is named by the run's label, with "λ 0.90 scale" behind it for one model of a sweep. */
export function isFailureOf(name: string, { label }: Subject, lambda?: number): boolean {
  if (name === label) return true;
  if (!name.startsWith(`${label} λ `)) return false;
  const [value, arm] = name.slice(label.length + " λ ".length).split(" ");
  return lambda === undefined || (Number(value) === lambda && arm === "scale");
}

const nothing = {
  difference: Number.NaN,
  interval: undefined,
  lost: undefined,
  gained: undefined,
  p: undefined,
  significant: false,
  value: Number.NaN,
  row: undefined,
  macro: undefined,
};

function taskCell(document: AuditDocument, line: TaskLine, column: Column): Cell | undefined {
  const row = document.rows.find((candidate) => candidate.task === line.task && isOf(candidate, column));
  if (!row) return undefined;
  const p = row.adjustedP ?? row.mcnemarP ?? undefined;
  const interval = row.ci95 ?? undefined;
  return {
    state: "measured",
    difference: row.difference,
    interval,
    lost: row.lost ?? undefined,
    gained: row.gained ?? undefined,
    p,
    significant: p === undefined ? excludesZero(interval) : p < level,
    value: row.value,
    row,
    why: undefined,
    macro: undefined,
  };
}

function pooledCell(document: AuditDocument, column: Column): Cell | undefined {
  const point = document.sweep.find((candidate) => isOf(candidate, column));
  if (!point) return undefined;
  const { value, difference, ci95, lost, gained, macro } = point.retention;
  const interval = ci95 ?? undefined;
  return {
    state: "measured",
    difference,
    interval,
    lost,
    gained,
    p: undefined,
    significant: excludesZero(interval),
    value,
    row: undefined,
    why: undefined,
    macro,
  };
}

function excludesZero(interval: readonly [number, number] | undefined): boolean {
  return interval !== undefined && (interval[0] > 0 || interval[1] < 0);
}

/** A queued or running audit holds this cell. */
export function isWaiting(
  jobs: readonly Job[],
  { task, kind }: Pick<TaskLine, "task" | "kind">,
  column: Column,
): boolean {
  return jobs.some(({ state, question }) => {
    if (question.kind !== "audit" || (state !== "queued" && state !== "running")) return false;
    const { tuned, tasks, lambdas, arms } = question.spec;
    const inTasks = kind === "pooled" || tasks.some(({ name }) => name === task);
    const asTrained = column.lambda === 1;
    const edited = lambdas.includes(column.lambda) && arms.includes("scale");
    return inTasks && tuned.some(({ path }) => path === column.subject.path) && (asTrained || edited);
  });
}

/** One axis for all old tasks: 0 and every interval, with a little air. */
export function sharedDomain(cells: readonly Cell[]): [number, number] {
  const ends = cells
    .filter(({ state }) => state === "measured")
    .flatMap(({ interval, difference }) => interval ?? [difference]);
  const low = Math.min(0, ...ends);
  const high = Math.max(0, ...ends);
  const air = (high - low) * 0.04 || 0.01;
  return [low - air, high + air];
}
