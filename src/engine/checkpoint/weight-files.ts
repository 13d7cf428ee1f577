/** Which files of a source hold a checkpoint's weights: as transformers chooses, or a refusal. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { quote, quoteSome } from "../source/quote.ts";
import { INDEX_LIMITS, readJsonTable } from "../source/read-json.ts";
import type { Source, SourceFile } from "../source/source.ts";
import { inTurns } from "../turns.ts";
import { ADAPTER_WEIGHTS, isPickle, MLX_WEIGHTS, rootFiles } from "./contents.ts";

export interface WeightFiles {
  files: SourceFile[];
  /** File name by stored tensor name, when an index says it. */
  index: ReadonlyMap<string, string> | undefined;
  alerts: Alert[];
}

const INDEX_ENDING = ".safetensors.index.json";
const WHOLE = "model.safetensors";

/**
 * Throws `checkpoint.pickle`, `checkpoint.no-tensors`, `checkpoint.shard-missing`, `checkpoint.path-escape`,
 * `source.ambiguous` or `json.invalid`.
 */
export async function findWeightFiles(source: Source): Promise<WeightFiles> {
  if (source.single?.name.endsWith(".safetensors")) return { files: [source.single], index: undefined, alerts: [] };
  if (source.single?.name.endsWith(INDEX_ENDING)) return fromIndex(source, source.single);
  const candidates = weightsInRoot(source);
  const whole = candidates.find((file) => file.name === WHOLE);
  if (whole !== undefined) return withLeftovers(source, { files: [whole], index: undefined, alerts: [] });
  const index = findIndex(source);
  if (index !== undefined) return fromIndex(source, index);
  return { files: withoutIndex(source, candidates), index: undefined, alerts: [] };
}

function weightsInRoot(source: Source): SourceFile[] {
  const notModel = new Set([ADAPTER_WEIGHTS, MLX_WEIGHTS]);
  return rootFiles(source).filter((file) => file.name.endsWith(".safetensors") && !notModel.has(file.name));
}

function findIndex(source: Source): SourceFile | undefined {
  const found = rootFiles(source).filter((file) => file.name.endsWith(INDEX_ENDING));
  const usual = found.find((file) => file.name === `model${INDEX_ENDING}`);
  if (usual === undefined && found.length > 1) throw ambiguous(source, found);
  return usual ?? found[0];
}

async function fromIndex(source: Source, file: SourceFile): Promise<WeightFiles> {
  const index = await readIndex(file);
  const names = new Set(index.values());
  const files = rootFiles(source).filter((candidate) => names.has(candidate.name));
  const present = new Set(files.map((candidate) => candidate.name));
  const missing = [...names].filter((name) => !present.has(name)).sort();
  if (missing.length > 0) throw shardMissing(source, missing, names.size);
  return withLeftovers(source, { files, index, alerts: [] });
}

/** The index as a Map. Of a repeated key the last one counts, as in Python. */
async function readIndex(file: SourceFile): Promise<Map<string, string>> {
  const map = await readJsonTable(file, { ...INDEX_LIMITS, code: "json.invalid" }, "weight_map");
  if (map === undefined) throw new DeltaScopeError("json.invalid", `${file.name} has no \`weight_map\`.`, file.path);
  return checkIndex(map, file);
}

/** The same entries, every one of them a safetensors file of the folder itself. Throws the refusals of an index. */
export async function checkIndex(map: ReadonlyMap<string, unknown>, file: SourceFile): Promise<Map<string, string>> {
  const index = new Map<string, string>();
  for await (const part of inTurns(map)) {
    for (const [tensor, shard] of part) index.set(tensor, checkShardName(file, tensor, shard));
  }
  if (index.size === 0) throw new DeltaScopeError("checkpoint.no-tensors", `${file.name} names no tensors.`, file.path);
  return index;
}

function checkShardName(file: SourceFile, tensor: string, shard: unknown): string {
  if (typeof shard !== "string") {
    const message = `${file.name}: the file of ${quote(tensor)} is no text.`;
    throw new DeltaScopeError("json.invalid", message, file.path);
  }
  if (/[/\\\0]|\.\./.test(shard)) {
    const message = `${file.name}: ${quote(tensor)} is said to be in ${quote(shard)}, which is no file of this folder.`;
    throw new DeltaScopeError("checkpoint.path-escape", message, file.path);
  }
  if (isPickle(shard)) throw pickled(file.path, [shard]);
  if (!shard.endsWith(".safetensors")) {
    const message = `${file.name}: ${quote(tensor)} is said to be in ${quote(shard)}, which is no safetensors file.`;
    throw new DeltaScopeError("json.invalid", message, file.path);
  }
  return shard;
}

/** One file whatever its name, or a whole set of numbered shards. */
function withoutIndex(source: Source, candidates: SourceFile[]): SourceFile[] {
  if (candidates.length === 0) throw nothingToRead(source);
  const shards = candidates.map((file) => /^(.*)-(\d{1,6})-of-(\d{1,6})\.safetensors$/.exec(file.name));
  const [first] = shards;
  const sameSet = shards.every((shard) => shard?.[1] === first?.[1] && shard?.[3] === first?.[3]);
  if (first && sameSet) return completeShards(source, candidates, first);
  if (candidates.length > 1) throw ambiguous(source, candidates);
  return candidates;
}

function completeShards(source: Source, files: SourceFile[], shard: RegExpExecArray): SourceFile[] {
  const [, prefix, own, count] = shard as unknown as [string, string, string, string];
  const present = new Set(files.map((file) => file.name));
  // Not more names than files could be missing are made, however large the hostile count is.
  const expected = Math.min(Number(count), files.length + 10);
  const names = Array.from({ length: expected }, (_, index) => {
    const number = String(index + 1).padStart(own.length, "0");
    return `${prefix}-${number}-of-${count}.safetensors`;
  });
  const missing = names.filter((name) => !present.has(name));
  if (missing.length > 0) throw shardMissing(source, missing, Number(count));
  return files;
}

function withLeftovers(source: Source, chosen: WeightFiles): WeightFiles {
  const used = new Set(chosen.files.map((file) => file.name));
  const left = weightsInRoot(source).filter((file) => !used.has(file.name));
  if (left.length === 0) return chosen;
  const message = `Not read: ${quoteSome(left.map((file) => file.name))}.`;
  return { ...chosen, alerts: [...chosen.alerts, makeAlert("checkpoint.unindexed-file", message, source.root)] };
}

function nothingToRead(source: Source): DeltaScopeError {
  const pickles = rootFiles(source)
    .map((file) => file.name)
    .filter(isPickle);
  if (pickles.length > 0) return pickled(source.root, pickles);
  const message = `${source.root} holds no safetensors file${otherFormats(source)}.`;
  return new DeltaScopeError("checkpoint.no-tensors", message, source.root);
}

function otherFormats(source: Source): string {
  const quantised = rootFiles(source).filter((file) => file.name.endsWith(".gguf"));
  if (quantised.length === 0) return "";
  const names = quoteSome(quantised.map((file) => file.name));
  return `; GGUF (${names}) is not read: use the 16-bit original that it was made from`;
}

function pickled(where: string, names: string[]): DeltaScopeError {
  return new DeltaScopeError("checkpoint.pickle", `The weights are pickle files: ${quoteSome(names)}.`, where);
}

function shardMissing(source: Source, missing: string[], count: number): DeltaScopeError {
  const message = `Of ${count} files these are missing: ${quoteSome(missing)}.`;
  return new DeltaScopeError("checkpoint.shard-missing", message, source.root);
}

function ambiguous(source: Source, files: SourceFile[]): DeltaScopeError {
  const names = quoteSome(
    files.map((file) => file.name),
    10,
  );
  return new DeltaScopeError(
    "source.ambiguous",
    `${source.root} holds several candidates: ${names}. Name one.`,
    source.root,
  );
}
