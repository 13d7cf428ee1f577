/** Audits with chosen flips, for tests: every figure follows from counts that the test names. */
import type { ItemDetail } from "../../src/contract/api.ts";
import type { AuditDocument, AuditRow, AuditSpec, Flip, SweepPoint } from "../../src/contract/domain/audit.ts";
import type { Arm } from "../../src/contract/domain/edit.ts";
import type { Finding } from "../../src/contract/domain/finding.ts";

/** What one model lost and gained on each task. */
export interface Measured {
  label: string;
  arm?: Arm;
  lambda?: number;
  /** By task: lost, gained, p after Holm's correction. */
  tasks: Record<string, [lost: number, gained: number, p: number]>;
}

export interface AuditAnswers {
  measured: readonly Measured[];
  /** Right answers of the base and items, by task. */
  base: Record<string, [right: number, items: number]>;
  findings?: Finding[];
  failures?: AuditDocument["failures"];
}

/** What is stored of a question; models and tasks without answers are absent. */
export function auditDocumentOf(spec: AuditSpec, answers: AuditAnswers): AuditDocument {
  const asked = answers.measured.filter((model) => isAsked(spec, model));
  const roles = new Map(spec.tasks.map(({ name, role }) => [name, role]));
  const rows = asked.flatMap((model) => rowsOf(model, answers, roles));
  return {
    schema: "deltascope.audit/1",
    version: "0.0.0",
    startedAt: "2026-11-22T10:00:00.000Z",
    seconds: 0,
    base: { path: spec.base, fingerprint: "0".repeat(64) },
    settings: { ...spec.settings, k: spec.k, epsilon: spec.epsilon, threads: 2, bootstrapDraws: 100, bootstrapSeed: 0 },
    baseline: spec.tasks.flatMap(({ name, role }) => {
      const [right, items] = answers.base[name] ?? [];
      return right === undefined || !items ? [] : [{ task: name, role, value: right / items, items }];
    }),
    rows,
    flips: asked.flatMap(flipsOf),
    sweep: asked.flatMap((model) => sweepOf(model, rows)),
    confounds: [],
    stages: [],
    failures: answers.failures ?? [],
    findings: answers.findings ?? [],
    alerts: [],
  };
}

function isAsked({ tuned, lambdas, arms }: AuditSpec, { label, lambda = 1, arm = "scale" }: Measured): boolean {
  return tuned.some((run) => run.label === label) && (lambda === 1 || (lambdas.includes(lambda) && arms.includes(arm)));
}

function rowsOf(model: Measured, { base }: AuditAnswers, roles: ReadonlyMap<string, AuditRow["role"]>): AuditRow[] {
  return Object.entries(model.tasks).flatMap(([task, [lost, gained, p]]) => {
    const role = roles.get(task);
    const [right, items] = base[task] ?? [];
    if (!role || right === undefined || !items) return [];
    const difference = (gained - lost) / items;
    const value = (right + gained - lost) / items;
    return [
      {
        ...{ label: model.label, task, role, metric: "acc", lambda: model.lambda ?? 1, arm: model.arm ?? "scale" },
        ...{ items, acc: value, baseAcc: right / items, value, baseValue: right / items, difference },
        ci95: [difference - 0.02, difference + 0.02],
        ...{ mcnemarP: p / 2, adjustedP: p, lost, gained },
        ...{ chanceAdjusted: null, effectSize: null, detectable: 0.05, note: null },
      } satisfies AuditRow,
    ];
  });
}

/** Lost items are the first ones, gained items the last; the first change is the largest. */
function flipsOf({ label, lambda = 1, arm = "scale", tasks }: Measured): Flip[] {
  const own = { label, lambda, arm, nearTie: false };
  return Object.entries(tasks).flatMap(([task, [lost, gained]]) => [
    ...Array.from({ length: lost }, (_, index) => ({
      ...{ ...own, task, index, kind: "lost" as const, from: 1, to: 0, goldChange: -2 + index / 10 },
    })),
    ...Array.from({ length: gained }, (_, index) => ({
      ...{ ...own, task, index: 100 + index, kind: "gained" as const, from: 0, to: 1, goldChange: 1 },
    })),
  ]);
}

function sweepOf({ label, lambda = 1, arm = "scale" }: Measured, rows: readonly AuditRow[]): SweepPoint[] {
  const own = rows.filter((row) => row.label === label && row.lambda === lambda && row.arm === arm);
  const pool = (role: AuditRow["role"]) => {
    const chosen = own.filter((row) => row.role === role);
    const sum = (of: (row: AuditRow) => number) => chosen.reduce((total, row) => total + of(row), 0);
    const items = sum((row) => row.items);
    const [lost, gained] = [sum((row) => row.lost ?? 0), sum((row) => row.gained ?? 0)];
    const difference = (gained - lost) / items;
    const value = sum((row) => row.value * row.items) / items;
    const ci95: [number, number] = [difference - 0.01, difference + 0.01];
    return { value, difference, ci95, items, lost, gained, macro: sum((row) => row.difference) / chosen.length };
  };
  const has = (role: AuditRow["role"]) => own.some((row) => row.role === role);
  if (!has("retain")) return [];
  const newTask = has("new") ? pool("new") : null;
  return [{ label, arm, lambda, retention: pool("retain"), newTask, weights: null, pareto: false }];
}

/** A question whose text holds what a page must show plainly: markup, a line break, a direction mark. */
export function hostileItem(spec: AuditSpec, task: string, index: number): ItemDetail {
  const answer = (run: string | null, label: string, probabilities: number[]) => ({
    ...{ run, label, arm: "scale" as const, lambda: 1, prediction: probabilities.indexOf(Math.max(...probabilities)) },
    ...{ loglikelihoods: probabilities.map(Math.log), probabilities },
  });
  return {
    task,
    index,
    context: "<img src=x>first line\nsecond\u202E line",
    choices: [" wrong one", " right one"],
    gold: [1],
    answers: [
      answer(null, "base", [0.25, 0.75]),
      ...spec.tuned.map(({ label, path }) => answer(path, label, [0.6, 0.4])),
    ],
  };
}
