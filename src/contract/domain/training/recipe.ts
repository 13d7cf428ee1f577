/** Recipes: what differs from a preset, as written, and as filled in and checked. */
import { z } from "zod";
import { hubNeed } from "../hub.ts";
import { runConfig } from "./config.ts";

/** A recipe: a preset by name, and what differs from it. Nothing is filled in: what is absent is the preset's. */
export type Recipe = DeepPartial<z.input<typeof runConfig>> & { preset?: string | undefined };
type DeepPartial<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;

const recipeFields = withoutDefaults(runConfig).extend({ preset: z.string().optional() });
export const recipe = recipeFields as unknown as z.ZodType<Recipe, Recipe>;

/** Where a value comes from; ours are never said to be the paper's. */
export const valueSource = z.enum(["paper", "ours", "library"]);
export type ValueSource = z.infer<typeof valueSource>;

/** What people read of a recipe, and what chooses its values. */
export const recipeNotes = z.object({
  title: z.string().max(120).optional(),
  description: z.string().max(2000).optional(),
  /** Published figures for comparison, in words with their source. */
  reference: z.string().max(2000).optional(),
  /** Dotted fields by where their value comes from; the others are ours. */
  sources: z.partialRecord(valueSource, z.array(z.string())).optional(),
  /** Learning rates by `full` and by rank (`r4`), where the recipe names none; a rank between takes the next below. */
  rates: z.record(z.string(), z.number().positive()).optional(),
});

/** A recipe as a file, also those that come with the program. */
export const recipeFile = recipeFields.extend(recipeNotes.shape);

/** The same object with every field optional and no default: what was not written stays absent. */
function withoutDefaults(schema: z.ZodObject): z.ZodObject {
  const entries = Object.entries(schema.shape).map(([name, field]) => {
    const bare = unwrapped(field as z.ZodType);
    return [name, (bare instanceof z.ZodObject ? withoutDefaults(bare) : bare).optional()] as const;
  });
  return z.strictObject(Object.fromEntries(entries));
}

function unwrapped(field: z.ZodType): z.ZodType {
  const hasDefault = field instanceof z.ZodDefault || field instanceof z.ZodPrefault;
  return hasDefault ? unwrapped(field.unwrap() as z.ZodType) : field;
}

/** A named set of values, with where each value comes from: the paper, or our own choice. */
export const preset = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  /** As in a recipe: nested, with what the preset sets and nothing else. */
  values: z.record(z.string(), z.unknown()),
  /** Of every set value, by dotted field. */
  sources: z.record(z.string(), valueSource),
  /** Learning rates by `full` and by rank (`r4`). */
  rates: z.record(z.string(), z.number()),
  /** Published figures for comparison, in words with their source. */
  reference: z.string().nullable(),
});
export type Preset = z.infer<typeof preset>;

/** Something about one field of a recipe; a run starts only without errors. */
export const fieldProblem = z.object({
  /** Dotted: `lora.rank`, `data.files.0.path`; empty for the whole recipe. */
  field: z.string(),
  message: z.string(),
  level: z.enum(["error", "warning"]),
  /** Line of the recipe's text, where it was read from text. */
  line: z.number().int().nullable(),
});
export type FieldProblem = z.infer<typeof fieldProblem>;

/** What to read a recipe from: its values, its text, or its file. Paths in it count from `folder` or from the file. */
export const recipeQuestion = z.union([
  z.strictObject({ recipe: z.record(z.string(), z.unknown()), folder: z.string().optional() }),
  z.strictObject({ text: z.string(), folder: z.string().optional() }),
  z.strictObject({ file: z.string() }),
]);
export type RecipeQuestion = z.infer<typeof recipeQuestion>;

/** A recipe with everything filled in, and what keeps it from starting. */
export const recipeResolution = z.object({
  /** null while values are of a wrong kind. `run_id` is a proposal. */
  config: runConfig.nullable(),
  /** The same for a form: what is filled in so far, with an empty `base.path` and no `data.files` while they are open. */
  values: z.record(z.string(), z.unknown()),
  /** The recipe as read, with absolute paths where its folder is known, for a form to go on with. */
  recipe: z.record(z.string(), z.unknown()),
  preset: z.string().nullable(),
  /** Dotted fields whose value is not the preset's. */
  differs: z.array(z.string()),
  /** Of every dotted field: where its value comes from; "recipe" for what this recipe sets. */
  sources: z.record(z.string(), z.enum([...valueSource.options, "recipe"])),
  problems: z.array(fieldProblem),
  /** What is named by its id and not on this machine; each is a problem too. */
  missing: z.array(hubNeed),
  /** The recipe as a file. */
  text: z.string(),
});
export type RecipeResolution = z.infer<typeof recipeResolution>;
