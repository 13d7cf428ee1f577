/** What the view asks: the runs, tasks and interventions of one audit. Pure. */
import type { AuditSpec } from "../../../../src/contract/domain/audit.ts";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import { type Arm, arm } from "../../../../src/contract/domain/edit.ts";

/** As many runs as one question may name. */
export const mostRuns = 8;
/** λ points of a sweep unless others are asked for. */
export const usualLambdas: readonly number[] = [1, 0.9, 0.7, 0.5, 0.3];
export const usualArms: readonly Arm[] = ["scale", "step", "shrink"];
export const allArms: readonly Arm[] = arm.options;

/** A tuned model of the audit; one that the workspace has not analysed has neither run nor letter. */
export interface Subject {
  id: string;
  label: string;
  path: string;
  letter: string | undefined;
  run: AppRun | undefined;
}

/** Runs of one base by their files, each once; labels are made unique, because rows name them. */
export function subjectsOf(runs: readonly AppRun[], base: string, question: AuditSpec | undefined): Subject[] {
  const subjects: Subject[] = [];
  for (const run of runs) {
    if (run.base.path !== base || subjects.some(({ path }) => path === run.path)) continue;
    subjects.push({ id: run.id, label: run.label, path: run.path, letter: run.letter, run });
  }
  for (const { label, path } of question?.tuned ?? []) {
    if (subjects.some((known) => known.path === path)) continue;
    subjects.push({ id: path, label, path, letter: undefined, run: undefined });
  }
  return uniqueLabels(subjects);
}

function uniqueLabels(subjects: readonly Subject[]): Subject[] {
  return subjects.map((subject) => {
    const twins = subjects.filter(({ label }) => label === subject.label);
    return twins.length === 1 ? subject : { ...subject, label: `${subject.label} (${subject.letter ?? subject.path})` };
  });
}

/** The question of the base of the named runs; the newest one where none are named. */
export function chosenQuestion(
  questions: readonly AuditSpec[],
  runs: readonly AppRun[],
  named: readonly string[],
): AuditSpec | undefined {
  const base = runs.find(({ id }) => named.includes(id))?.base.path;
  return base === undefined ? questions[0] : questions.find((question) => question.base === base);
}

/** λ values to look up: the usual grid, those of the last audit, and the one of the address. */
export function askedLambdas(question: AuditSpec, lambda: number | undefined): number[] {
  const all = new Set([...usualLambdas, ...question.lambdas, ...(lambda === undefined ? [] : [lambda])]);
  return [...all].sort((a, b) => b - a);
}

/** Everything that may be on screen; what of it is stored comes back. */
export function viewSpec(question: AuditSpec, subjects: readonly Subject[], lambda: number | undefined): AuditSpec {
  const tuned = subjects.map(({ label, path }) => ({ label, path }));
  return { ...question, tuned, lambdas: askedLambdas(question, lambda), arms: [...allArms] };
}

/** The least question that holds one missing number: one run, one λ, one arm, all its tasks. */
export function missingSpec(question: AuditSpec, subject: Subject, lambda: number, asked: readonly Arm[]): AuditSpec {
  const lambdas = lambda === 1 ? [] : [lambda];
  return { ...question, tuned: [{ label: subject.label, path: subject.path }], lambdas, arms: [...asked] };
}

export function parseArms(text: string | undefined): Arm[] | undefined {
  const found = text?.split(",").filter((name): name is Arm => arm.safeParse(name).success);
  return found && found.length > 0 ? found : undefined;
}

export interface Pair {
  subject: Subject;
  /** 1: as trained. */
  lambda: number;
}

/** `base..0123456789ab@0.5`; `usual` as trained where the address names no run that is shown. */
export function parsePair(
  text: string | undefined,
  subjects: readonly Subject[],
  usual: Subject | undefined,
): Pair | undefined {
  const found = /^base\.\.([0-9a-f]{12})(?:@([\d.]+))?$/.exec(text ?? "");
  const subject = subjects.find(({ id }) => id === found?.[1]) ?? usual;
  return subject && { subject, lambda: found?.[2] === undefined ? 1 : Number(found[2]) };
}

export function pairText({ subject, lambda }: Pair): string {
  return lambda === 1 ? `base..${subject.id}` : `base..${subject.id}@${lambda}`;
}
