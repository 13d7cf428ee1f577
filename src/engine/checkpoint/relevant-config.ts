/** What of config.json decides the numbers that a model gives, for its fingerprint. */
import { isObject, type JsonObject } from "../source/read-json.ts";
import { mapInTurns, sortInTurns, takeTurn } from "../turns.ts";
import type { ModelConfig } from "./checkpoint.ts";

type Entry = readonly [string, unknown];

/**
 * Notes that change no number. Everything else counts, also what this version has never heard of: a needless second
 * run costs minutes, an answer of the other model (another rotation, another epsilon) is a false one.
 */
const NOTES = new Set([
  ...["_name_or_path", "name_or_path", "transformers_version", "architectures", "dtype", "torch_dtype", "use_cache"],
  ...["initializer_range", "attention_dropout", "hidden_dropout", "bos_token_id", "eos_token_id", "pad_token_id"],
]);

/** Plain data: equal for files that differ only in notes, in the order of their keys, or in fields set to null. */
export async function relevantConfig(config: ModelConfig | undefined): Promise<unknown> {
  if (config === undefined) return undefined;
  const { architecture, modelType, tied, layers, vocabularySize, experts, quantisation, raw } = config;
  const counted = (await entriesOf(raw)).filter(([name]) => !NOTES.has(name));
  const fields = { architecture, modelType, tied, layers, vocabularySize, experts, quantisation };
  return [fields, await sortedEntries(counted)];
}

/** `Object.entries` of an object with a hundred thousand keys takes ten times as long as listing the keys. */
async function entriesOf(object: JsonObject): Promise<Entry[]> {
  return mapInTurns(Object.keys(object), (name) => [name, object[name]]);
}

async function sortedEntries(entries: readonly Entry[]): Promise<unknown[]> {
  const present = entries.filter(([, value]) => value !== null);
  const result: Entry[] = [];
  for (const [name, value] of await sortInTurns(present, ([a], [b]) => (a < b ? -1 : 1))) {
    result.push([name, isPlain(value) ? value : await sorted(value)]);
  }
  return result;
}

async function sorted(value: unknown): Promise<unknown> {
  await takeTurn();
  if (isObject(value)) return sortedEntries(await entriesOf(value));
  if (!Array.isArray(value)) return value;
  const result: unknown[] = [];
  for (const one of value) result.push(isPlain(one) ? one : await sorted(one));
  return result;
}

function isPlain(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}
