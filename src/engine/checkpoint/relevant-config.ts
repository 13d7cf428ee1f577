/** What of config.json decides the numbers that a model gives, for its fingerprint. */
import { isObject } from "../source/read-json.ts";
import type { ModelConfig } from "./checkpoint.ts";

/**
 * Notes that change no number. Everything else counts, also what this version has never heard of: a needless second
 * run costs minutes, an answer of the other model (another rotation, another epsilon) is a false one.
 */
const NOTES = new Set([
  ...["_name_or_path", "name_or_path", "transformers_version", "architectures", "dtype", "torch_dtype", "use_cache"],
  ...["initializer_range", "attention_dropout", "hidden_dropout", "bos_token_id", "eos_token_id", "pad_token_id"],
]);

/** Plain data: equal for files that differ only in notes, in the order of their keys, or in fields set to null. */
export function relevantConfig(config: ModelConfig | undefined): unknown {
  if (config === undefined) return undefined;
  const { architecture, modelType, tied, layers, vocabularySize, experts, quantisation, raw } = config;
  const counted = Object.entries(raw).filter(([name]) => !NOTES.has(name));
  const fields = { architecture, modelType, tied, layers, vocabularySize, experts, quantisation };
  return [fields, sortedEntries(counted)];
}

function sortedEntries(entries: readonly [string, unknown][]): unknown[] {
  return entries
    .filter(([, value]) => value !== null)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [name, sorted(value)]);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  return isObject(value) ? sortedEntries(Object.entries(value)) : value;
}
