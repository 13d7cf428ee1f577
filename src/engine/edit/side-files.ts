/** The small files beside weights: which of them a written folder has, and copying them. No code, no pickles. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DeltaScopeError } from "../../contract/errors.ts";
import { rootFiles } from "../checkpoint/contents.ts";
import { CONFIG_LIMITS, readJson } from "../source/read-json.ts";
import { openRegular } from "../source/regular-file.ts";
import type { Source, SourceFile } from "../source/source.ts";
import { mapInTurns } from "../turns.ts";

/** What transformers reads beside the weights of a text model; everything else stays behind. */
const COPIED = new Set([
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "vocab.json",
  "merges.txt",
  "tokenizer.model",
  "chat_template.jinja",
  "chat_template.json",
  "preprocessor_config.json",
]);

/** The largest tokenizers (vocabulary and merges of 250,000 words) have some 35 MB. */
const COPIED_BYTES_MAXIMUM = 256 * 2 ** 20;

const WEIGHTS = /^(?:model(?:-\d{5}-of-\d{5})?|adapter_model)\.safetensors$/;
/** Stands beside what an intervention wrote. */
export const EDIT_MARK = "deltascope_edit.json";
const DESCRIPTIONS = new Set(["config.json", "adapter_config.json", "model.safetensors.index.json", EDIT_MARK]);

/** Whether an edit may have written a file of this name, so that a folder of such files may be replaced. */
export function isWrittenName(name: string): boolean {
  return COPIED.has(name) || DESCRIPTIONS.has(name) || WEIGHTS.test(name);
}

/** Files that go along with the weights of `source`. */
export function filesToCopy(source: Source): SourceFile[] {
  return rootFiles(source).filter(({ name, size }) => COPIED.has(name) && size <= COPIED_BYTES_MAXIMUM);
}

/** @throws DeltaScopeError `source.not-found`, `source.unreadable`; `source.changed` for what was written to meanwhile */
export async function copyFiles(files: readonly SourceFile[], folder: string): Promise<void> {
  for (const file of files) await copyOne(file, join(folder, file.name));
}

async function copyOne({ path, size, mtimeNs }: SourceFile, to: string): Promise<void> {
  const from = await openRegular(path);
  try {
    // Of a file that grows no more than a byte is read in vain.
    await writeFile(to, from.createReadStream({ start: 0, end: size, autoClose: false }), { flush: true });
    const now = await from.stat({ bigint: true });
    if (now.size === BigInt(size) && now.mtimeNs === mtimeNs) return;
  } finally {
    await from.close();
  }
  throw new DeltaScopeError("source.changed", `${path} changed while it was being copied.`, path);
}

export async function writeJsonFile(folder: string, name: string, value: unknown): Promise<void> {
  await writeFile(join(folder, name), `${JSON.stringify(value, undefined, 2)}\n`, { flush: true });
}

/** Names of element types in config.json. */
const TORCH_NAMES: ReadonlyMap<string, string> = new Map([
  ["F64", "float64"],
  ["F32", "float32"],
  ["F16", "float16"],
  ["BF16", "bfloat16"],
]);

export interface ConfigChange {
  /** Element type of all weights, when it is not that of the source. */
  dtype?: string | undefined;
  /** Embedding and head no longer share a matrix. */
  untied?: boolean | undefined;
}

/** config.json as it was, or with what the edit changes of it. @throws DeltaScopeError `checkpoint.config-invalid` */
export async function writeConfig(source: Source, folder: string, { dtype, untied }: ConfigChange): Promise<void> {
  const file = rootFiles(source).find(({ name }) => name === "config.json");
  if (file === undefined) return;
  if (dtype === undefined && !untied) return copyFiles([file], folder);
  const read = await readJson(file, { ...CONFIG_LIMITS, code: "checkpoint.config-invalid" });
  const config = new Map(await mapInTurns(Object.keys(read), (key) => [key, read[key]] as const));
  const torchName = dtype === undefined ? undefined : TORCH_NAMES.get(dtype);
  if (dtype !== undefined && torchName === undefined) throw new DeltaScopeError("internal", `No name for ${dtype}.`);
  for (const key of ["dtype", "torch_dtype"])
    if (torchName !== undefined && config.has(key)) config.set(key, torchName);
  if (untied) config.set("tie_word_embeddings", false);
  await writeJsonFile(folder, "config.json", Object.fromEntries(config));
}
