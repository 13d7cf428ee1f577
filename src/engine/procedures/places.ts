/** Paths that a caller of another process names must lie in folders that may be opened. */
import { resolve } from "node:path";
import type { AnalysisSpec } from "../../contract/domain/analysis.ts";
import type { AuditSpec } from "../../contract/domain/audit.ts";
import type { EditSpec } from "../../contract/domain/edit.ts";
import type { TaskSpec, VariantSpec } from "../../contract/domain/evaluation.ts";
import type { JobQuestion } from "../../contract/domain/job.ts";
import type { SweepJobSpec, TrainingSpec } from "../../contract/domain/training.ts";
import { bundledDemo } from "../demo/demo.ts";
import { type NamedPlaces, resolveLinks } from "../library/places.ts";
import { isWithin } from "../source/within.ts";
import { recipesFolder } from "../training/recipes/presets.ts";
import { offeredTasks } from "./known-tasks.ts";
import type { Services } from "./services.ts";

/**
 * Models that come with the program may be read by anyone: recipes of the demo train on them where they lie.
 * @throws DeltaScopeError `place.not-allowed`
 */
export async function checkPlaces(
  context: Services,
  { sources = [], files = [] }: Partial<NamedPlaces>,
): Promise<void> {
  if (!context.remote) return;
  const { places } = await context.open();
  await places.check({ sources: await withoutOurs(sources), files });
}

/** Paths that do not come with the program. */
export async function withoutOurs(paths: readonly string[]): Promise<string[]> {
  const ours = await Promise.all([bundledDemo, recipesFolder].map(resolveLinks));
  const kept = paths.map(async (path) => {
    const real = await resolveLinks(path);
    return ours.some((folder) => isWithin(real, folder)) ? [] : [path];
  });
  return (await Promise.all(kept)).flat();
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
    case "download":
      return { sources: [question.spec.source], files: [] };
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

/** Where a run is written; what its recipe reads is checked where the recipe is. */
function placesOfTraining(spec: TrainingSpec): NamedPlaces {
  return { sources: [], files: "run" in spec ? [] : given(spec.folder, spec.out) };
}

export function placesOfSweep(spec: SweepJobSpec): NamedPlaces {
  if ("id" in spec) return { sources: [], files: [] };
  const tasks = spec.sweep.tasks.map(({ file }) => (spec.folder === undefined ? file : resolve(spec.folder, file)));
  return { sources: [], files: [...tasks, ...given(spec.folder, spec.out)] };
}

/** A ready-made task without a file is one of the Hub's cache. */
function filesOf(tasks: readonly TaskSpec[]): string[] {
  return tasks.filter(({ definition, file }) => definition === undefined || file !== "").map(({ file }) => file);
}

function given(...paths: readonly (string | undefined)[]): string[] {
  return paths.filter((path) => path !== undefined);
}
