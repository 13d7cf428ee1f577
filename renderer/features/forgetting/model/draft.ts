/** What the Evaluate sheet is about to ask. Pure. */
import type { KnownTask } from "../../../../src/contract/api.ts";
import type { AuditSpec } from "../../../../src/contract/domain/audit.ts";
import type { Arm, Which } from "../../../../src/contract/domain/edit.ts";
import type { TaskSpec } from "../../../../src/contract/domain/evaluation.ts";
import { type Subject, usualArms } from "./question.ts";

export interface DraftTask {
  name: string;
  title: string;
  /** undefined: its file must be named first. */
  file: string | undefined;
  definition: string | undefined;
  role: TaskSpec["role"];
  items: number | undefined;
  chosen: boolean;
  /** Where its public data file is published. */
  repository: string | undefined;
}

export interface Draft {
  tasks: readonly DraftTask[];
  subjects: readonly string[];
  /** Items of each task at most; undefined for all. */
  limit: number | undefined;
  seed: number;
  /** As typed: "0.9, 0.5". */
  lambdas: string;
  arms: readonly Arm[];
  which: Extract<Which, string>;
}

/** The last question, or the tasks that belong to the base. */
export function firstDraft(
  known: readonly KnownTask[],
  question: AuditSpec | undefined,
  shown: readonly Subject[],
  base: string,
): Draft {
  const asked = (question?.tasks ?? []).map((task) => draftOfSpec(task, known));
  const others = known
    .filter(({ name, file }) => !asked.some((task) => task.name === name || (file !== null && task.file === file)))
    .map((task) => draftOfKnown(task, question === undefined && belongs(task, base)));
  return {
    tasks: [...asked, ...others].sort((a, b) => Number(b.chosen) - Number(a.chosen)),
    subjects: shown.map(({ path }) => path),
    limit: question?.settings.limit,
    seed: question?.settings.seed ?? 0,
    lambdas: (question?.lambdas ?? []).filter((lambda) => lambda !== 1).join(", "),
    arms: question?.arms ?? usualArms,
    which: typeof question?.which === "string" ? question.which : "strongest",
  };
}

/**
 * Files of items whose folder stands in a folder of the same name as the base's: the demo's checkpoints are copied into
 * the workspace, its tasks stay with the program.
 */
function belongs({ definition, file }: KnownTask, base: string): boolean {
  const folder = (path: string, above: number) => path.split(/[\\/]/).at(-1 - above);
  return definition === null && file !== null && folder(file, 2) === folder(base, 1);
}

function draftOfSpec({ name, file, definition, role }: TaskSpec, known: readonly KnownTask[]): DraftTask {
  const found = known.find((task) => task.name === name);
  return {
    ...{ name, file, definition, role, title: found?.title ?? name, chosen: true },
    items: found?.items ?? undefined,
    repository: found?.repository ?? undefined,
  };
}

function draftOfKnown(
  { name, title, file, definition, role, items, repository }: KnownTask,
  chosen: boolean,
): DraftTask {
  return {
    ...{ name, title, role, chosen },
    file: file ?? undefined,
    definition: definition ?? undefined,
    items: items ?? undefined,
    repository: repository ?? undefined,
  };
}

/** Files that were found since, for tasks that lack theirs. */
export function withFound(draft: Draft, known: readonly KnownTask[]): Draft {
  const fileOf = (task: DraftTask) => task.file ?? known.find(({ name }) => name === task.name)?.file ?? undefined;
  return { ...draft, tasks: draft.tasks.map((task) => ({ ...task, file: fileOf(task) })) };
}

/** Own items: the name is the file's, made unique. */
export function withFile(draft: Draft, path: string): Draft {
  const stem = (path.split(/[\\/]/).at(-1) ?? path).replace(/\.jsonl?$/i, "");
  const twins = draft.tasks.filter(({ name }) => name === stem || name.startsWith(`${stem}-`)).length;
  const name = twins === 0 ? stem : `${stem}-${twins + 1}`;
  const none = { definition: undefined, items: undefined, repository: undefined };
  return {
    ...draft,
    tasks: [{ name, title: name, file: path, role: "retain", chosen: true, ...none }, ...draft.tasks],
  };
}

export function changeTask(draft: Draft, name: string, changes: Partial<DraftTask>): Draft {
  return { ...draft, tasks: draft.tasks.map((task) => (task.name === name ? { ...task, ...changes } : task)) };
}

/** "1, .9; 0.5" → [0.9, 0.5]; undefined where a part is no λ between 0 and 2. As trained is measured anyway. */
export function parseLambdas(text: string): number[] | undefined {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== "");
  const numbers = parts.map(Number);
  if (numbers.some((value) => !(value >= 0 && value <= 2))) return undefined;
  return [...new Set(numbers)].filter((value) => value !== 1).sort((a, b) => b - a);
}

/** What is wrong with a draft, field by field. */
export interface DraftProblems {
  tasks?: string;
  subjects?: string;
  lambdas?: string;
  arms?: string;
}

export function problemsOf(draft: Draft): DraftProblems {
  const chosen = draft.tasks.filter((task) => task.chosen);
  const lambdas = parseLambdas(draft.lambdas);
  return {
    ...(chosen.length === 0 && { tasks: "Choose at least one task." }),
    ...(chosen.some(({ file }) => file === undefined) && {
      tasks: "Every chosen task needs its data: name a file, or download it.",
    }),
    ...(draft.subjects.length === 0 && { subjects: "Choose at least one checkpoint." }),
    ...(lambdas === undefined && { lambdas: "λ values lie between 0 and 2, divided by commas." }),
    ...(lambdas && lambdas.length > 0 && draft.arms.length === 0 && { arms: "Choose at least one arm." }),
  };
}

/** Undefined while something is wrong. */
export function specOfDraft(
  draft: Draft,
  family: readonly Subject[],
  base: string,
  question: AuditSpec | undefined,
): AuditSpec | undefined {
  if (Object.keys(problemsOf(draft)).length > 0) return undefined;
  const { limit: _, ...settings } = question?.settings ?? { vocab: "model", chatTemplate: false, seed: 0 };
  return {
    base,
    tuned: family.filter(({ path }) => draft.subjects.includes(path)).map(({ label, path }) => ({ label, path })),
    tasks: draft.tasks.filter(({ chosen }) => chosen).flatMap(specOfTask),
    settings: { ...settings, seed: draft.seed, ...(draft.limit !== undefined && { limit: draft.limit }) },
    lambdas: parseLambdas(draft.lambdas) ?? [],
    arms: [...draft.arms],
    which: draft.which,
    k: question?.k ?? 10,
    epsilon: question?.epsilon ?? 0.5,
    sequence: question?.sequence ?? false,
  };
}

function specOfTask({ name, file, definition, role }: DraftTask): TaskSpec[] {
  return file === undefined ? [] : [{ name, file, role, ...(definition !== undefined && { definition }) }];
}
