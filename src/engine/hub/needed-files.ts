/** Which files of a repository DeltaScope reads; all others stay where they are. */
import { isObject, type JsonObject, own } from "../source/read-json.ts";
import type { HubFile } from "./repository.ts";

const INDEX_ENDING = ".safetensors.index.json";
const WEIGHTS_ENDING = ".safetensors";
const WHOLE = "model.safetensors";
const ADAPTER_WEIGHTS = "adapter_model.safetensors";
/** What mlx-lm calls its weights; they are refused, and named in the refusal. */
const MLX_WEIGHTS = "adapters.safetensors";

/** Configurations, and what the tokenizer is made of. */
const SMALL_FILES: ReadonlySet<string> = new Set([
  ...["config.json", "generation_config.json", "adapter_config.json"],
  ...["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"],
  ...["vocab.json", "merges.txt", "tokenizer.model", "chat_template.jinja", "chat_template.json"],
]);
/** A larger one is none of these: the largest vocabularies have some 40 MB. */
const SMALL_BYTES_MAXIMUM = 256 * 2 ** 20;

export function isConfiguration(name: string): boolean {
  return name === "config.json" || name === "adapter_config.json" || name.endsWith(INDEX_ENDING);
}

export function isWeights(name: string): boolean {
  return name.endsWith(WEIGHTS_ENDING);
}

/** The index whose shards make the model, as opening a folder chooses it; undefined where none decides. */
export function decidingIndex(files: readonly HubFile[]): HubFile | undefined {
  if (files.some(({ name }) => name === WHOLE)) return undefined;
  const found = files.filter(({ name }) => name.endsWith(INDEX_ENDING));
  return found.find(({ name }) => name === `model${INDEX_ENDING}`) ?? (found.length === 1 ? found[0] : undefined);
}

/**
 * Small files, and the weights that opening the folder would read: an adapter's, `model.safetensors`, the shards of
 * the index, or every safetensors file where nothing says which.
 * @param index content of the deciding index
 */
export function neededFiles(files: readonly HubFile[], index: JsonObject | undefined): HubFile[] {
  const wanted = wantedWeights(files, index);
  return files.filter(({ name, size }) => {
    if (isWeights(name)) return wanted.has(name);
    return (name.endsWith(INDEX_ENDING) || SMALL_FILES.has(name)) && size <= SMALL_BYTES_MAXIMUM;
  });
}

/** Two names that macOS and Windows take for one file, where there are such: then one would stand for the other. */
export function twinsIn(files: readonly HubFile[]): [string, string] | undefined {
  const seen = new Map<string, string>();
  for (const { name } of files) {
    const before = seen.get(name.toLowerCase());
    if (before !== undefined) return [before, name];
    seen.set(name.toLowerCase(), name);
  }
  return undefined;
}

function wantedWeights(files: readonly HubFile[], index: JsonObject | undefined): ReadonlySet<string> {
  const names = files.map(({ name }) => name).filter(isWeights);
  const adapter = names.filter((name) => name === ADAPTER_WEIGHTS || name === MLX_WEIGHTS);
  if (names.includes(WHOLE)) return new Set([...adapter, WHOLE]);
  const shards = index === undefined ? undefined : own(index, "weight_map");
  if (isObject(shards))
    return new Set([...adapter, ...Object.values(shards).filter((name) => typeof name === "string")]);
  // Beside an adapter, loose weights without a configuration belong to nothing.
  const isModel = adapter.length === 0 || files.some(({ name }) => name === "config.json");
  return new Set(isModel ? names : adapter);
}
