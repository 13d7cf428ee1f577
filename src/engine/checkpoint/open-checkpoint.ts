/**
 * Opens a full checkpoint: tables, names, configuration. No weight is read beyond the fingerprint's samples, but for a
 * head that may be a copy of the embedding.
 */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { quote, quoteSome } from "../source/quote.ts";
import type { Source } from "../source/source.ts";
import { filterInTurns, inTurns, runInTurns, type Steps } from "../turns.ts";
import { canonicalNames, stripWrappers } from "./canonical-name.ts";
import type { Checkpoint, ModelConfig, ModelFamily, Tensor } from "./checkpoint.ts";
import { readModelConfig } from "./config.ts";
import { rootFile } from "./contents.ts";
import { familyOf } from "./families/families.ts";
import { fingerprint } from "./fingerprint.ts";
import { dequantisedAlert, readQuantisation } from "./quantisation.ts";
import { type FileTable, readTables, tally } from "./read-tables.ts";
import { relevantConfig } from "./relevant-config.ts";
import { sameBytes } from "./same-bytes.ts";
import { findWeightFiles, type WeightFiles } from "./weight-files.ts";

const HEAD = "lm_head.weight";
const EMBEDDING = "model.embed_tokens.weight";

/**
 * Throws the refusals that concern one checkpoint alone. A quantised one opens with
 * `quantised` set: whether that matters depends on what it is paired with.
 */
export async function openCheckpoint(source: Source): Promise<Checkpoint> {
  const weights = await findWeightFiles(source);
  const configFile = rootFile(source, "config.json");
  const [tables, config] = await Promise.all([
    readTables(weights.files),
    configFile === undefined ? undefined : readModelConfig(configFile),
  ]);
  const stored = await mergeTables(tables, weights.index);
  if (stored.size === 0) throw new DeltaScopeError("checkpoint.no-tensors", "The files hold no tensors.", source.root);
  await refuseAdapterTensors(source, stored);
  const { tensors: all, quantised, dequantised } = await runInTurns(readQuantisation(await rename(stored), config));
  const tensors = await runInTurns(withoutTiedCopy(all, config));
  const family = familyOf(config);
  return {
    kind: "full",
    source,
    config,
    family,
    tensors,
    tiedHead: (config?.tied ?? false) && !tensors.has(HEAD) && tensors.has(EMBEDDING),
    ...(await tally(tensors.values())),
    quantised,
    dequantised,
    fingerprint: await fingerprint([...stored.values()], await relevantConfig(config)),
    alerts: [
      ...weights.alerts,
      ...(await alertsOf(source, { stored, weights, config, family })),
      ...[dequantisedAlert({ tensors, dequantised }, source.location)].filter((alert) => alert !== undefined),
    ],
  };
}

/** All tensors by stored name. Where two files hold the same name the index decides; without one it is an error. */
async function mergeTables(tables: FileTable[], index: WeightFiles["index"]): Promise<Map<string, Tensor>> {
  const merged = new Map<string, Tensor>();
  const holders = new Map<string, string>();
  const add = (file: FileTable["file"], tensor: Tensor): void => {
    const name = tensor.storedName;
    const other = holders.get(name);
    if (other !== undefined && index?.get(name) === other) return;
    if (other !== undefined && index?.get(name) !== file.name) throw twice(name, other, file.name, file.path);
    merged.set(name, tensor);
    holders.set(name, file.name);
  };
  for (const { file, tensors } of tables) {
    for await (const part of inTurns(tensors)) for (const tensor of part) add(file, tensor);
  }
  return merged;
}

function twice(name: string, first: string, second: string, where: string): DeltaScopeError {
  const message = `${quote(name)} is stored in ${quote(first)} and in ${quote(second)}.`;
  return new DeltaScopeError("safetensors.header-invalid", message, where);
}

async function refuseAdapterTensors(source: Source, stored: ReadonlyMap<string, Tensor>): Promise<void> {
  for await (const names of inTurns(stored.keys())) {
    const name = names.find((one) => /\.(base_layer|lora_A|lora_B)\./.test(one));
    if (name === undefined) continue;
    const message = `${quote(name)} belongs to a model with an adapter attached; no configuration tells its scale.`;
    throw new DeltaScopeError("checkpoint.contains-adapter", message, source.root);
  }
}

async function rename(stored: ReadonlyMap<string, Tensor>): Promise<Map<string, Tensor>> {
  const names = await canonicalNames([...stored.keys()]);
  const tensors = new Map<string, Tensor>();
  for await (const part of inTurns(stored)) {
    for (const [original, tensor] of part) {
      const name = names.get(original) ?? original;
      tensors.set(name, { ...tensor, name });
    }
  }
  return tensors;
}

/** As transformers loads it: a stored head that equals the embedding is tied to it where the configuration says so. */
function* withoutTiedCopy(tensors: Map<string, Tensor>, config: ModelConfig | undefined): Steps<Map<string, Tensor>> {
  const [embedding, head] = [tensors.get(EMBEDDING), tensors.get(HEAD)];
  const mayBeTied = config?.tied === true && embedding !== undefined && head !== undefined;
  if (!mayBeTied || !(yield* sameBytes(embedding, head))) return tensors;
  const others = new Map(tensors);
  others.delete(HEAD);
  return others;
}

interface Facts {
  stored: ReadonlyMap<string, Tensor>;
  weights: WeightFiles;
  config: ModelConfig | undefined;
  family: ModelFamily;
}

async function alertsOf(source: Source, { stored, weights, config, family }: Facts): Promise<Alert[]> {
  return [
    await wrapperAlert(source, stored),
    await indexAlert(source, stored, weights.index),
    family.name === "unknown" ? architectureAlert(source, config) : undefined,
  ].filter((alert) => alert !== undefined);
}

async function wrapperAlert(source: Source, stored: ReadonlyMap<string, Tensor>): Promise<Alert | undefined> {
  const wrapped = await filterInTurns(stored.keys(), (name) => stripWrappers(name) !== name);
  if (wrapped.length === 0) return undefined;
  const [first = ""] = wrapped;
  const prefix = first.slice(0, first.length - stripWrappers(first).length);
  const message = `${wrapped.length} of ${stored.size} tensor names start with ${quote(prefix)}; it was taken off.`;
  return makeAlert("pairing.prefix", message, source.root);
}

async function indexAlert(
  source: Source,
  stored: ReadonlyMap<string, Tensor>,
  index: WeightFiles["index"],
): Promise<Alert | undefined> {
  if (index === undefined) return undefined;
  const promised = await filterInTurns(index.keys(), (name) => !stored.has(name));
  const unnamed = await filterInTurns(stored.keys(), (name) => !index.has(name));
  if (promised.length + unnamed.length === 0) return undefined;
  const parts = [
    promised.length === 0 ? "" : `names ${promised.length} tensors that no file holds (${quoteSome(promised, 3)})`,
    unnamed.length === 0
      ? ""
      : `does not name ${unnamed.length} tensors that the files hold (${quoteSome(unnamed, 3)})`,
  ];
  const message = `The index ${parts.filter((part) => part !== "").join(" and ")}.`;
  return makeAlert("checkpoint.index-differs", message, source.root);
}

function architectureAlert(source: Source, config: ModelConfig | undefined): Alert {
  const name = config?.architecture ?? config?.modelType;
  const what =
    config === undefined
      ? "There is no config.json"
      : `No table for ${name === undefined ? "a nameless architecture" : quote(name)}`;
  return makeAlert(
    "checkpoint.architecture-unknown",
    `${what}; roles are guessed from the names.`,
    source.root,
    "info",
  );
}
