/** The recipes that come with the program. */
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Preset, recipeNotes, type ValueSource } from "../../../contract/domain/training.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { programFolder } from "../../program-folder.ts";
import type { JsonObject } from "../../source/read-json.ts";
import { valueAt, valueFields } from "./fields.ts";
import { formProblems } from "./form.ts";
import { withAbsolutePaths } from "./paths.ts";
import { parseRecipe } from "./read-recipe.ts";

export const recipesFolder = join(programFolder, "recipes");

/** As the cards stand in the app; those that are not named here follow by name. */
const order = ["paper-boolq", "paper-csqa", "pubmedqa-qwen2.5-3b", "practitioner-lora", "practitioner-full", "quick"];

/** What people read of a recipe, and what chooses its values; no part of a run's configuration. */
const descriptive: ReadonlySet<string> = new Set([...Object.keys(recipeNotes.shape), "preset"]);

/** Dotted fields of the run's configuration. */
export const configFields = valueFields.filter((field) => !descriptive.has(field.split(".")[0] ?? ""));

let loaded: Promise<Preset[]> | undefined;

/** @throws DeltaScopeError `recipe.invalid` where the program's own files are damaged */
export function presets(): Promise<Preset[]> {
  loaded ??= loadAll(recipesFolder);
  return loaded;
}

async function loadAll(folder: string): Promise<Preset[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".yaml")).map((name) => basename(name, ".yaml"));
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  names.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return Promise.all(names.map((name) => loadPreset(folder, name)));
}

async function loadPreset(folder: string, name: string): Promise<Preset> {
  const file = join(folder, `${name}.yaml`);
  const raw = parseRecipe(await readFile(file, "utf8"), file);
  const [problem] = formProblems(raw);
  if (problem) throw new DeltaScopeError("recipe.invalid", `${file}: ${problem.field}: ${problem.message}`, file);
  const parsed = recipeNotes.parse(raw.values);
  const values = withAbsolutePaths(configPart(raw.values), folder);
  return {
    name,
    title: parsed.title ?? name,
    description: parsed.description ?? "",
    reference: parsed.reference ?? null,
    values,
    sources: sourcesOf(values, parsed.sources ?? {}),
    rates: parsed.rates ?? {},
  };
}

/** The fields of the run's configuration. */
export function configPart(values: JsonObject): JsonObject {
  const rest = Object.entries(values).filter(([name]) => !descriptive.has(name));
  return Object.fromEntries(rest);
}

/** What is not said to be somebody's is ours. */
function sourcesOf(values: JsonObject, said: Partial<Record<ValueSource, string[]>>): Record<string, ValueSource> {
  const set = configFields.filter((field) => valueAt(values, field) !== undefined);
  const sourceOf = (field: string): ValueSource => {
    if (said.paper?.includes(field)) return "paper";
    return said.library?.includes(field) ? "library" : "ours";
  };
  return Object.fromEntries(set.map((field) => [field, sourceOf(field)]));
}
