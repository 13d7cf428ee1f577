/** Paths that a caller of another process names must lie in folders that may be opened. */
import { resolve } from "node:path";
import type { AnalysisSpec } from "../../contract/domain/analysis.ts";
import type { AuditSpec } from "../../contract/domain/audit.ts";
import type { EditSpec } from "../../contract/domain/edit.ts";
import type { TaskSpec, VariantSpec } from "../../contract/domain/evaluation.ts";
import type { JobQuestion } from "../../contract/domain/job.ts";
import type { Recipe, SweepJobSpec, TrainingSpec } from "../../contract/domain/training.ts";
import type { NamedPlaces } from "../library/places.ts";
import { offeredTasks } from "./known-tasks.ts";
import type { Services } from "./services.ts";

/** @throws DeltaScopeError `place.not-allowed` */
export async function checkPlaces(context: Services, named: Partial<NamedPlaces>): Promise<void> {
  if (context.remote) await (await context.open()).places.check({ sources: [], files: [], ...named });
}

/**
 * The same for questions that name tasks: what the engine itself offers (`evaluation.tasks`) may lie anywhere.
 * @throws DeltaScopeError `place.not-allowed`
 */
export async function checkScoringPlaces(context: Services, named: NamedPlaces): Promise<void> {
  if (!context.remote) return;
  const offered = new Set((await offeredTasks(context)).map(({ file }) => file));
  await checkPlaces(context, { ...named, files: named.files.filter((file) => !offered.has(file)) });
}

export function placesOfQuestion(question: JobQuestion): NamedPlaces {
  switch (question.kind) {
    case "analysis":
      return placesOfAnalysis(question.spec);
    case "audit":
      return placesOfAudit(question.spec);
    case "edit":
      return placesOfEdit(question.spec);
    case "training":
      return placesOfTraining(question.spec);
    case "sweep":
      return placesOfSweep(question.spec);
  }
}

export function placesOfAnalysis({ base, tuned }: AnalysisSpec): NamedPlaces {
  return { sources: given(base, ...tuned.map(({ path }) => path)), files: [] };
}

export function placesOfAudit({ base, tuned, tasks }: AuditSpec): NamedPlaces {
  return { sources: [base, ...tuned.map(({ path }) => path)], files: filesOf(tasks) };
}

export function placesOfEvaluation(question: { variant: VariantSpec; tasks: readonly TaskSpec[] }): NamedPlaces {
  const { base, tuned } = question.variant;
  return { sources: given(base, tuned), files: filesOf(question.tasks) };
}

export function placesOfEdit(spec: EditSpec): NamedPlaces {
  const models = spec.edit === "average" ? spec.members : [spec.tuned];
  return { sources: given(spec.base, ...models), files: [spec.out] };
}

/** Paths count from the recipe's folder; presets name none outside the program's own. */
export function placesOfTraining(spec: TrainingSpec): NamedPlaces {
  if ("run" in spec) return { sources: [], files: [] };
  return withOut(placesOfRecipe(spec.recipe, spec.folder), spec.out);
}

export function placesOfSweep(spec: SweepJobSpec): NamedPlaces {
  if ("id" in spec) return { sources: [], files: [] };
  const { recipe, axes, tasks } = spec.sweep;
  const all = [recipe, ...(axes.variants ?? [])].map((one) => placesOfRecipe(one, spec.folder));
  const files = tasks.map(({ file }) => inFolder(file, spec.folder));
  const named = { sources: all.flatMap(({ sources }) => sources), files: all.flatMap((one) => one.files) };
  return withOut({ ...named, files: [...named.files, ...files] }, spec.out);
}

function placesOfRecipe({ base, data, eval: evaluation }: Recipe, folder: string | undefined): NamedPlaces {
  const files = given(...(data?.files ?? []).map((file) => file?.path), ...(evaluation?.tasks ?? []));
  const sources = given(base?.path).map((path) => (path.startsWith(".") ? inFolder(path, folder) : path));
  return { sources, files: files.map((file) => inFolder(file, folder)) };
}

function inFolder(path: string, folder: string | undefined): string {
  return folder === undefined ? path : resolve(folder, path);
}

function withOut({ sources, files }: NamedPlaces, out: string | undefined): NamedPlaces {
  return { sources, files: [...files, ...given(out)] };
}

/** A ready-made task without a file is one of the Hub's cache. */
function filesOf(tasks: readonly TaskSpec[]): string[] {
  return tasks.filter(({ definition, file }) => definition === undefined || file !== "").map(({ file }) => file);
}

function given(...paths: readonly (string | undefined)[]): string[] {
  return paths.filter((path) => path !== undefined);
}
