/** adapter_config.json of LoRA, with the defaults of peft and refusals that name key and value. */
import { z } from "zod";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { AdapterPackage } from "../checkpoint/checkpoint.ts";
import { isObject, type JsonObject } from "../source/read-json.ts";
import type { Steps } from "../turns.ts";
import { inFileOrder } from "./ordered-json.ts";

/** Longest value that a message repeats, in characters. */
const SHOWN_CHARACTERS = 80;

/** Python's truth: absent and null are false. */
const flag = z.boolean("true or false is needed").nullish().transform(Boolean);
const rank = z.int("a whole number of at least 1 is needed").min(1, "a whole number of at least 1 is needed");
const number = z.number("a number is needed");
const names = z.array(z.string("a list of texts is needed"), "a list of texts is needed");
/** Entries of these lists are patterns, matched one after the other; people write a handful. */
export const PATTERN_ENTRIES_MAXIMUM = 1000;
const patterns = names.max(PATTERN_ENTRIES_MAXIMUM, `at most ${PATTERN_ENTRIES_MAXIMUM} entries are read`);
const optionalNames = names.nullish().transform((value) => value ?? undefined);
const namesOrText = z
  .union([z.string(), names], "a text or a list of texts is needed")
  .nullish()
  .transform(orUndefined);
const index = z.int("whole numbers of at least 0 are needed").min(0, "whole numbers of at least 0 are needed");
const indices = z.array(index, "a list of whole numbers is needed");
const anyObject = z.custom<JsonObject>(isObject);
/** Every entry of such a table is checked by itself. */
const fewKeys = anyObject.refine((value) => Object.keys(value).length <= PATTERN_ENTRIES_MAXIMUM);
/** Not copied: such a table may have a hundred thousand entries. */
const anObject = z.custom<JsonObject>(isObject, "an object is needed, null makes peft fail");

const schema = z.object({
  r: rank.default(8),
  lora_alpha: number.default(8),
  use_rslora: flag,
  use_dora: flag,
  lora_bias: flag,
  use_qalora: flag,
  ensure_weight_tying: flag,
  target_modules: namesOrText,
  exclude_modules: namesOrText,
  target_parameters: optionalNames,
  modules_to_save: patterns.nullish().transform((value) => value ?? undefined),
  layers_to_transform: z
    .union([index, indices], "a whole number or a list of them is needed")
    .nullish()
    .transform((value) =>
      typeof value === "number" ? [value] : value?.length === 0 ? undefined : (value ?? undefined),
    ),
  layers_pattern: z
    .union([z.string(), patterns], `a text or a list of at most ${PATTERN_ENTRIES_MAXIMUM} texts is needed`)
    .nullish()
    .transform(orUndefined),
  bias: z.string("a text is needed").default("none"),
  trainable_token_indices: z
    .union(
      [indices, fewKeys.pipe(z.record(z.string(), indices))],
      "a list of token numbers, or an object of such lists, is needed",
    )
    .nullish()
    .transform(orUndefined),
  layer_replication: z
    .array(z.tuple([index, index]), "a list of pairs [first, last + 1] is needed")
    .nullish()
    .transform((value) => (value?.length === 0 ? undefined : (value ?? undefined))),
  init_lora_weights: z
    .union([z.boolean(), z.string()], "true, false or a name is needed")
    .nullish()
    .transform(orUndefined),
  base_model_name_or_path: z.string("a text is needed").nullish().transform(orUndefined),
  task_type: z.string("a text is needed").nullish().transform(orUndefined),
  rank_pattern: anObject.default({}),
  alpha_pattern: anObject.default({}),
});

/** Settings of a LoRA adapter; pattern lists are in file order. */
export type LoraConfig = Omit<z.infer<typeof schema>, "rank_pattern" | "alpha_pattern"> & {
  rankPattern: [string, number][];
  alphaPattern: [string, number][];
  /** `auto_mapping.base_model_class`. */
  baseModelClass: string | undefined;
};

/** Reads the settings. Throws `adapter.config-invalid` for the first key whose value peft could not use. */
export function* readLoraConfig(adapter: AdapterPackage): Steps<LoraConfig> {
  const { rank_pattern: ranks, alpha_pattern: alphas, ...settings } = parseSettings(adapter.config);
  const config: LoraConfig = {
    ...settings,
    rankPattern: yield* patternEntries(adapter, "rank_pattern", ranks, rank),
    alphaPattern: yield* patternEntries(adapter, "alpha_pattern", alphas, number),
    baseModelClass: baseModelClass(adapter.config),
  };
  refuseContradictions(config);
  return config;
}

/** The base that the configuration names: a Hub id, or a path on another machine. */
export function namedBase(config: Record<string, unknown>): string | undefined {
  const name = Object.hasOwn(config, "base_model_name_or_path") ? config.base_model_name_or_path : undefined;
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** An `adapter.config-invalid` error about one key. */
export function invalidConfig(detail: string): DeltaScopeError {
  return new DeltaScopeError("adapter.config-invalid", `adapter_config.json: ${detail}`, "adapter_config.json");
}

/** A value of a configuration as a message repeats it. */
export function showValue(value: unknown): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

function parseSettings(config: Record<string, unknown>): z.infer<typeof schema> {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const key = String(issue?.path[0]);
  throw invalidConfig(`\`${key}\` is ${showValue(config[key])}; ${issue?.message ?? "this value is not valid"}.`);
}

function* patternEntries(
  adapter: AdapterPackage,
  key: string,
  parsed: JsonObject,
  schema: z.ZodType<number>,
): Steps<[string, number][]> {
  const entries: [string, number][] = [];
  for (const [pattern, value] of yield* inFileOrder(parsed, adapter.configBytes, key)) {
    yield;
    const checked = schema.safeParse(value);
    if (!checked.success) {
      const message = checked.error.issues[0]?.message ?? "this value is not valid";
      throw invalidConfig(`\`${key}\` gives ${showValue(value)} for ${showValue(pattern)}; ${message}.`);
    }
    entries.push([pattern, checked.data]);
  }
  return entries;
}

function baseModelClass(config: Record<string, unknown>): string | undefined {
  const mapping = z.object({ base_model_class: z.string() }).safeParse(config.auto_mapping);
  return mapping.success ? mapping.data.base_model_class : undefined;
}

/** The combinations that peft refuses to load. */
function refuseContradictions(config: LoraConfig): void {
  const { target_modules: targets, layers_to_transform: layers, layers_pattern: pattern } = config;
  if (typeof targets === "string" && layers !== undefined) {
    throw invalidConfig(
      `\`layers_to_transform\` is ${showValue(layers)}, but \`target_modules\` is the pattern ${showValue(targets)}; peft accepts only one of them.`,
    );
  }
  if (typeof targets === "string" && pattern !== undefined) {
    throw invalidConfig(
      `\`layers_pattern\` is ${showValue(pattern)}, but \`target_modules\` is the pattern ${showValue(targets)}; peft accepts only one of them.`,
    );
  }
  const onParameters = (config.target_parameters ?? []).length > 0;
  if (onParameters && (config.lora_bias || config.use_dora)) {
    const other = config.use_dora ? "use_dora" : "lora_bias";
    throw invalidConfig(`\`target_parameters\` and \`${other}\` are both set; peft accepts only one of them.`);
  }
  if (config.lora_bias && config.use_dora) {
    throw invalidConfig("`lora_bias` and `use_dora` are both true; peft accepts only one of them.");
  }
}

function orUndefined<Value>(value: Value | null | undefined): Value | undefined {
  return value ?? undefined;
}
