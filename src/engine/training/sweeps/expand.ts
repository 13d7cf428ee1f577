/** The runs of a sweep: every combination of its axes, in the order in which they are worth having. */
import type { HubNeed } from "../../../contract/domain/hub.ts";
import type { NewSweep, Recipe, RunConfig, SweepCell, SweepSpec } from "../../../contract/domain/training.ts";
import { DeltaScopeError, toDeltaScopeError } from "../../../contract/errors.ts";
import { isObject, type JsonObject } from "../../source/read-json.ts";
import { configOf, type Permit } from "../runs/begin.ts";
import type { TrainingServices } from "../runs/services.ts";
import { configSha } from "./config-sha.ts";

export type Cell = Pick<SweepCell, "sha" | "variant" | "seed" | "noise" | "subset" | "learningRate"> & {
  config: RunConfig;
};

/** More runs than this are a slip in the axes, and a list nobody can look at. */
const mostCells = 5000;

/** The runs of a sweep that was accepted before. @throws DeltaScopeError `recipe.invalid` naming the variant */
export async function expandSweep(
  question: Pick<NewSweep, "sweep" | "folder">,
  services: Pick<TrainingServices, "resolve">,
): Promise<Cell[]> {
  return cellsOfVariants(question.sweep, await variantsOf(question, services));
}

/** Its recipes, read and named. @throws DeltaScopeError `recipe.invalid` naming the variant */
export async function variantsOf(
  { sweep, folder }: Pick<NewSweep, "sweep" | "folder">,
  services: Pick<TrainingServices, "resolve">,
  permit?: Permit,
): Promise<Variant[]> {
  const read = (recipe: JsonObject) => configOf({ recipe, folder }, services, permit);
  const variants = await Promise.all((sweep.axes.variants ?? [{}]).map((variant) => variantOf(sweep, variant, read)));
  refuseTwins(variants);
  return variants;
}

/** What its recipes name by an id of the Hub and what is not on this machine, each once. */
export async function needsOf(
  { sweep, folder }: Pick<NewSweep, "sweep" | "folder">,
  services: Pick<TrainingServices, "resolve">,
  permit?: Permit,
): Promise<HubNeed[]> {
  const recipes = recipesOf(sweep).map((recipe) => ({ recipe, ...(folder !== undefined && { folder }) }));
  const resolved = await Promise.all(recipes.map((question) => services.resolve(question, { permit })));
  const needs = resolved.flatMap(({ missing }) => missing);
  return [...new Map(needs.map((need) => [JSON.stringify([need.source, need.select]), need])).values()];
}

function recipesOf({ recipe, axes: { variants = [{}] } }: SweepSpec): JsonObject[] {
  return variants.map((variant) => mergedRecipe(recipe as JsonObject, variant as JsonObject));
}

/**
 * The first seed of every combination comes first, so that a half-finished sweep is already a picture. Rows that are
 * chosen or flipped are the same in every run: their seeds are those of the recipe.
 * @throws DeltaScopeError `recipe.invalid` where none is left, or too many are
 */
export function cellsOfVariants(sweep: SweepSpec, variants: readonly Variant[]): Cell[] {
  const [first] = variants;
  if (!first) return [];
  const seeds = sweep.axes.seed ?? [first.config.seed];
  const cells = seeds.flatMap((seed) => variants.flatMap((variant) => cellsOf(sweep, variant, seed)));
  const wanted = cells.filter((cell) => !sweep.exclude.some((rule) => matches(cell, rule)));
  if (wanted.length === 0) throw new DeltaScopeError("recipe.invalid", "The sweep excludes every one of its runs.");
  if (wanted.length <= mostCells) return unique(wanted);
  throw new DeltaScopeError("recipe.invalid", `The sweep has ${wanted.length} runs; ${mostCells} are the most.`);
}

export interface Variant {
  /** Unlike those of the others. */
  label: string;
  config: RunConfig;
}

async function variantOf(
  { recipe }: SweepSpec,
  variant: Recipe,
  read: (recipe: JsonObject) => Promise<RunConfig>,
): Promise<Variant> {
  try {
    const config = await read(mergedRecipe(recipe as JsonObject, variant as JsonObject));
    return { label: labelOf(config), config };
  } catch (thrown) {
    const { code, message, where, faults } = toDeltaScopeError(thrown);
    throw new DeltaScopeError(code, `Variant ${JSON.stringify(variant)}: ${message}`, where, { cause: thrown, faults });
  }
}

/** Objects are merged field by field; everything else is replaced. */
function mergedRecipe(base: JsonObject, change: JsonObject): JsonObject {
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(change)) {
    const before = merged.get(key);
    merged.set(key, isObject(before) && isObject(value) ? mergedRecipe(before, value) : value);
  }
  return Object.fromEntries(merged);
}

/** "full", "lora-r4", "dora-r8-sgd". */
function labelOf({ method, lora, optimizer }: RunConfig): string {
  const rank = method === "full" ? "" : `-r${lora.rank}`;
  return `${method}${rank}${optimizer === "sgd" ? "-sgd" : ""}`;
}

/** Variants that share a name are told apart by α, or by their place. */
function refuseTwins(variants: Variant[]): void {
  const isTwin = (label: string): boolean => variants.filter((one) => one.label === label).length > 1;
  const twins = variants.filter(({ label }) => isTwin(label));
  for (const twin of twins) {
    const { alpha } = twin.config.lora;
    twin.label += `-α${typeof alpha === "number" ? alpha : alpha.ratio * twin.config.lora.rank}`;
  }
  const left = twins.filter(({ label }) => isTwin(label));
  for (const twin of left) twin.label += `-${variants.indexOf(twin) + 1}`;
}

function cellsOf(sweep: SweepSpec, { label, config }: Variant, seed: number): Cell[] {
  const { axes } = sweep;
  const rates = axes.learning_rate ?? [rateOf(sweep, label, config)];
  const noises = axes.noise ?? [config.data.noise];
  const subsets = axes.subset ?? [config.data.subset];
  return noises.flatMap((noise) =>
    subsets.flatMap((subset) =>
      rates.map((learningRate) => {
        const data = { ...config.data, noise, subset };
        const named = {
          ...config,
          seed,
          data,
          learning_rate: learningRate,
          name: nameOf(label, { noise, subset, seed }),
        };
        return { sha: configSha(named), variant: label, seed, noise, subset, learningRate, config: named };
      }),
    ),
  );
}

/** What applies where neither recipe nor preset names a rate. */
const usualRates = { full: 1e-5, adapter: 1e-4 };

function rateOf({ rates = {} }: SweepSpec, label: string, { method, learning_rate }: RunConfig): number {
  const named = [label, method].find((name) => Object.hasOwn(rates, name));
  const own = named === undefined ? undefined : rates[named];
  return own ?? learning_rate ?? usualRates[method === "full" ? "full" : "adapter"];
}

function nameOf(
  label: string,
  { noise, subset, seed }: { noise: number; subset: number | null; seed: number },
): string {
  const parts = [label, noise > 0 ? `noise ${noise}` : "", subset === null ? "" : `n ${subset}`, `seed ${seed}`];
  return parts.filter((part) => part !== "").join(" · ");
}

/** What a rule of `exclude` may ask of a run. */
const factReaders: ReadonlyMap<string, (cell: Cell) => unknown> = new Map<string, (cell: Cell) => unknown>([
  ["variant", ({ variant }) => variant],
  ["seed", ({ seed }) => seed],
  ["noise", ({ noise }) => noise],
  ["subset", ({ subset }) => subset],
  ["learning_rate", ({ learningRate }) => learningRate],
  ["method", ({ config }) => config.method],
  ["rank", ({ config }) => (config.method === "full" ? null : config.lora.rank)],
]);

export const ruleFields: readonly string[] = [...factReaders.keys()];

/** Every field of a rule must agree: `{ variant: full, noise: 0.2 }`. */
function matches(cell: Cell, rule: Record<string, unknown>): boolean {
  return Object.entries(rule).every(([key, value]) => factReaders.get(key)?.(cell) === value);
}

function unique(cells: readonly Cell[]): Cell[] {
  return [...new Map(cells.map((cell) => [cell.sha, cell])).values()];
}
