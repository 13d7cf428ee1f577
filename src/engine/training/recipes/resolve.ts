/** From a recipe to a run's configuration: preset, values, defaults, paths, and everything that keeps it from starting. */
import { dirname, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  type FieldProblem,
  type Preset,
  type RecipeQuestion,
  type RecipeResolution,
  type RunConfig,
  runConfig,
} from "../../../contract/domain/training.ts";
import { toDeltaScopeError } from "../../../contract/errors.ts";
import { quote } from "../../source/quote.ts";
import { type JsonObject, own } from "../../source/read-json.ts";
import { checkBase, error, type Problem } from "./check-base.ts";
import { checkFiles } from "./check-files.ts";
import { checkValues, processorProblems } from "./check-values.ts";
import { nearestName, valueAt } from "./fields.ts";
import { fillIn, withDefaults } from "./fill-in.ts";
import { formProblems, lineOf, problemsOf } from "./form.ts";
import { type CachedData, isDatasetId, withCachedData } from "./hub-data.ts";
import { withAbsolutePaths } from "./paths.ts";
import { configFields, presets } from "./presets.ts";
import { parseRecipe, type RawRecipe, readRecipeFile } from "./read-recipe.ts";
import { recipeText } from "./text.ts";

export interface ResolveOptions {
  /** Name of the run's folder; made from name, preset, method and seed when left out. */
  runId?: string | undefined;
  /** Throws for paths that the caller may not name; the disk is not asked about them. */
  permit?: ((named: { sources: readonly string[]; files: readonly string[] }) => Promise<void>) | undefined;
}

/**
 * Reads a recipe from a file, a text or values, fills it in and checks it.
 * @throws DeltaScopeError `recipe.invalid` where the text is no YAML; `source.not-found`, `source.unreadable`
 */
export async function resolveRecipe(question: RecipeQuestion, options: ResolveOptions = {}): Promise<RecipeResolution> {
  const raw = await readRecipe(question);
  // Whoever goes on with these values, or saves them elsewhere, no longer knows the recipe's folder.
  const recipe = raw.folder === undefined ? raw.values : withAbsolutePaths(raw.values, raw.folder);
  const { preset, problems: presetProblems } = await presetOf(raw);
  const values = fillIn(raw, preset, options.runId);
  const parsed = runConfig.safeParse(values);
  const form = [...formProblems(raw), ...presetProblems];
  const missing =
    parsed.success || form.length > 0 ? [] : problemsOf(parsed.error, { ...raw, values }).map(inPlainWords);
  const checked = parsed.success ? await check(parsed.data, options) : { config: null, problems: [], missing: [] };
  const withLines = checked.problems.map((problem) => ({ ...problem, line: lineOf(problem.field, raw.lines) }));
  return {
    config: form.length === 0 ? checked.config : null,
    values: withDefaults(values),
    recipe,
    preset: preset?.name ?? null,
    ...comparison(raw, values, preset),
    problems: [...form, ...missing, ...withLines],
    missing: checked.missing,
    text: recipeText(recipe),
  };
}

async function readRecipe(question: RecipeQuestion): Promise<RawRecipe> {
  if ("recipe" in question) {
    return { values: question.recipe, lines: new Map(), folder: question.folder, file: undefined };
  }
  if ("text" in question) return { ...parseRecipe(question.text), folder: question.folder, file: undefined };
  const file = resolve(question.file);
  return { ...(await readRecipeFile(file)), folder: dirname(file), file };
}

async function presetOf({
  values,
  lines,
}: RawRecipe): Promise<{ preset: Preset | undefined; problems: FieldProblem[] }> {
  const name = own(values, "preset");
  if (typeof name !== "string") return { preset: undefined, problems: [] };
  const all = await presets();
  const preset = all.find((candidate) => candidate.name === name);
  if (preset) return { preset, problems: [] };
  const names = all.map((candidate) => candidate.name);
  const near = nearestName(name, names);
  const message = `${quote(name)} is no preset. ${near ? `Did you mean ${near}?` : `There are ${names.join(", ")}.`}`;
  return { preset: undefined, problems: [{ field: "preset", message, level: "error", line: lineOf("preset", lines) }] };
}

/** Everything that needs the disk. The base's folder takes the place of an id of the Hub. */
async function check(asked: RunConfig, { permit }: ResolveOptions): Promise<CachedData> {
  const forbidden = permit === undefined ? [] : await forbiddenPlaces(asked, permit);
  if (forbidden.length > 0) return { config: asked, problems: [...checkValues(asked), ...forbidden], missing: [] };
  const { config, problems: notHere, missing } = await withCachedData(asked);
  const [{ model, problems, need }, files] = await Promise.all([
    checkBase(config),
    notHere.length > 0 ? notHere : checkFiles(config),
  ]);
  const large = model === undefined ? [] : processorProblems(config, model.parameters);
  const base = { ...config.base, path: model?.folder ?? config.base.path };
  return {
    config: { ...config, base },
    problems: [...checkValues(config), ...problems, ...files, ...large],
    missing: need === undefined ? missing : [need, ...missing],
  };
}

async function forbiddenPlaces(
  { base, data, eval: evaluation }: RunConfig,
  permit: NonNullable<ResolveOptions["permit"]>,
): Promise<Problem[]> {
  const sources = [{ field: "base.path", named: { sources: [base.path], files: [] } }];
  const files = [
    ...data.files
      .map(({ path }, index) => ({ field: `data.files.${index}.path`, path }))
      .filter(({ path }) => !isDatasetId(path)),
    ...evaluation.tasks.map((path, index) => ({ field: `eval.tasks.${index}`, path })),
  ].map(({ field, path }) => ({ field, named: { sources: [], files: [path] } }));
  const problems = [...sources, ...files].map(async ({ field, named }) => {
    const refusal = await permit(named).then(() => undefined, toDeltaScopeError);
    return refusal === undefined ? [] : [error(field, refusal.message)];
  });
  return (await Promise.all(problems)).flat();
}

/** A form without a base or a file yet is not wrong, but incomplete. */
function inPlainWords(problem: FieldProblem): FieldProblem {
  if (problem.field === "base" || problem.field === "base.path") {
    return { ...problem, field: "base.path", message: "Name the base: a folder, or an id in the Hugging Face cache." };
  }
  if (problem.field === "data" || problem.field === "data.files") {
    return { ...problem, field: "data.files", message: "Name at least one file of training data." };
  }
  return problem;
}

/** Defaults that are the libraries' own. */
const libraryDefaults = new Set(["betas", "eps", "momentum"]);

function comparison(
  raw: RawRecipe,
  values: JsonObject,
  preset: Preset | undefined,
): Pick<RecipeResolution, "differs" | "sources"> {
  const set = configFields.filter((field) => valueAt(raw.values, field) !== undefined);
  const differs = set.filter(
    (field) => !isDeepStrictEqual(valueAt(values, field), valueAt(preset?.values ?? {}, field)),
  );
  const sourceOf = (field: string): RecipeResolution["sources"][string] => {
    if (set.includes(field)) return "recipe";
    return preset?.sources[field] ?? (libraryDefaults.has(field) ? "library" : "ours");
  };
  return {
    differs: preset === undefined ? [] : differs,
    sources: Object.fromEntries(configFields.map((field) => [field, sourceOf(field)])),
  };
}
