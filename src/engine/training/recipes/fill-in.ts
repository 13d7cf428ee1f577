/** The values of a recipe over those of its preset, with what follows from them. */
import { type Preset, runConfig } from "../../../contract/domain/training.ts";
import { isObject, type JsonObject, own } from "../../source/read-json.ts";
import { valueAt, withValueAt } from "./fields.ts";
import { withAbsolutePaths } from "./paths.ts";
import { configPart } from "./presets.ts";
import type { RawRecipe } from "./read-recipe.ts";

/** The preset's values under the recipe's, with absolute paths, a rate and a name. */
export function fillIn(raw: RawRecipe, preset: Preset | undefined, runId: string | undefined): JsonObject {
  const set = withAbsolutePaths(configPart(raw.values), raw.folder ?? process.cwd());
  const merged = oneLength(merge(preset?.values ?? {}, set), set);
  const rated = withRate(merged, { ...preset?.rates, ...ownRates(raw.values) });
  return withValueAt(rated, "run_id", runId ?? valueAt(rated, "run_id") ?? proposedId(rated, preset));
}

/** Lists and single values are replaced whole; only groups of fields are joined. */
function merge(under: JsonObject, over: JsonObject): JsonObject {
  const entries = Object.entries(over).map(([name, value]) => {
    const below = own(under, name);
    return [name, isObject(below) && isObject(value) && name !== "alpha" ? merge(below, value) : value] as const;
  });
  return { ...under, ...Object.fromEntries(entries) };
}

/** Who sets one of the two lengths means it in place of the other. */
function oneLength(merged: JsonObject, set: JsonObject): JsonObject {
  const given = (name: string): boolean => (own(set, name) ?? null) !== null;
  if (given("max_steps") && !Object.hasOwn(set, "epochs")) return { ...merged, epochs: null };
  if (given("epochs") && !Object.hasOwn(set, "max_steps")) return { ...merged, max_steps: null };
  return (own(merged, "max_steps") ?? null) !== null && !Object.hasOwn(merged, "epochs")
    ? { ...merged, epochs: null }
    : merged;
}

const usualRates = { full: 1e-5, adapter: 1e-4 };
const usualRank = 16;

/** Where nothing names a rate: the table's for this method and rank, else the usual one. */
function withRate(values: JsonObject, rates: Readonly<Record<string, number>>): JsonObject {
  if ((own(values, "learning_rate") ?? null) !== null) return values;
  const isFull = own(values, "method") === "full";
  const rank = valueAt(values, "lora.rank") ?? usualRank;
  const listed = isFull ? rates.full : rateOfRank(rates, Number(rank));
  return { ...values, learning_rate: listed ?? (isFull ? usualRates.full : usualRates.adapter) };
}

/** The rate of the largest listed rank that is not larger. */
function rateOfRank(rates: Readonly<Record<string, number>>, rank: number): number | undefined {
  const listed = Object.entries(rates)
    .map(([name, rate]) => ({ rank: Number(/^r(\d+)$/.exec(name)?.[1]), rate }))
    .filter((entry) => entry.rank <= rank)
    .sort((a, b) => b.rank - a.rank);
  return listed[0]?.rate;
}

function ownRates(values: JsonObject): Record<string, number> {
  const rates = own(values, "rates");
  if (!isObject(rates)) return {};
  return Object.fromEntries(
    Object.entries(rates).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  );
}

/** Readable, and the same for the same recipe; whoever keeps runs makes it unique. */
function proposedId(values: JsonObject, preset: Preset | undefined): string {
  const method = String(own(values, "method") ?? "lora");
  const rank = method === "full" ? "" : `-r${valueAt(values, "lora.rank") ?? usualRank}`;
  const name = String(own(values, "name") || preset?.name || "run");
  return `${name}-${method}${rank}-s${own(values, "seed") ?? 1}`
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-")
    .replace(/^[-.]+|-+$/g, "")
    .slice(0, 80);
}

/** What every field is, defaults included, also while base and data are open; for forms. */
export function withDefaults(values: JsonObject): JsonObject {
  const parsed = runConfig.safeParse(merge(placeholders, values));
  if (!parsed.success) return values;
  const filled = Object.entries(placeholders).reduce<JsonObject>((all, [group, inner]) => {
    const [field = ""] = Object.keys(inner);
    const isOpen = valueAt(values, `${group}.${field}`) === undefined;
    return isOpen ? withValueAt(all, `${group}.${field}`, field === "files" ? [] : "") : all;
  }, parsed.data);
  return filled;
}

const placeholders = { base: { path: "-" }, data: { files: [{ path: "-", format: "alpaca" }] } };
