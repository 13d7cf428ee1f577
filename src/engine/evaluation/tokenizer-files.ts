/** The files of a tokenizer, read with bounds and checked; nothing of them is run. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { DeltaScopeError } from "../../contract/errors.ts";
import { quote } from "../source/quote.ts";
import { isObject, type JsonObject, own, readJsonBytes } from "../source/read-json.ts";
import { readRegular } from "../source/regular-file.ts";
import type { Source, SourceFile } from "../source/source.ts";

/** Qwen's tokenizer.json has 11 MB. */
const TOKENIZER_BYTES_MAXIMUM = 64 * 2 ** 20;
const CONFIG_BYTES_MAXIMUM = 4 * 2 ** 20;
/** The longest templates of public models have some 20 kB. */
export const TEMPLATE_BYTES_MAXIMUM = 128 * 2 ** 10;
/** Largest id of a token: ids index an array. Public vocabularies end at 262,144. */
const TOKEN_ID_MAXIMUM = 2 ** 21;
/** Longest text of one token, in UTF-16 units; the longest of Qwen's is 128 spaces. */
const TOKEN_TEXT_MAXIMUM = 1024;
/** Tokens beside the vocabulary; they are sought one by one in every text. */
const ADDED_MAXIMUM = 10_000;

const id = z.int().min(0).max(TOKEN_ID_MAXIMUM);
const tokenText = z.string().min(1).max(TOKEN_TEXT_MAXIMUM);
const flag = z.boolean().default(false);
const addedToken = z.object({
  content: tokenText,
  lstrip: flag,
  rstrip: flag,
  single_word: flag,
  normalized: flag,
  special: flag,
});
export type AddedToken = z.infer<typeof addedToken> & { id: number };
const merge = z.union([z.string(), z.tuple([z.string(), z.string()])]);
const model = z.object({
  type: z.literal("BPE"),
  merges: z.array(merge),
  byte_fallback: z.literal(false).nullish(),
  dropout: z.null().optional(),
  continuing_subword_prefix: z.literal("").nullish(),
  end_of_word_suffix: z.literal("").nullish(),
  ignore_merges: z.boolean().nullish(),
});

export interface TokenizerFiles {
  /** Path of tokenizer.json, for messages. */
  where: string;
  vocabulary: ReadonlyMap<string, number>;
  model: z.infer<typeof model>;
  added: AddedToken[];
  /** Parts of tokenizer.json as they stand there. */
  normalizer: unknown;
  preTokenizer: unknown;
  postProcessor: unknown;
  /** `tokenizer_class` of tokenizer_config.json and `model_type` of config.json. */
  tokenizerClass: string | undefined;
  modelType: string | undefined;
  addPrefixSpace: boolean;
  beginToken: string | undefined;
  endToken: string;
  chatTemplate: string | undefined;
  fingerprint: string;
}

/** Throws `tokenizer.missing`, `tokenizer.invalid` naming the field, `source.unreadable` or `source.changed`. */
export async function readTokenizerFiles(source: Source): Promise<TokenizerFiles> {
  const find = (name: string) => source.files.find((file) => file.name === name);
  const file = find("tokenizer.json");
  if (file === undefined)
    throw new DeltaScopeError("tokenizer.missing", `${source.root} holds no tokenizer.json.`, source.root);
  const tokenizer = await readJsonBytes(file, { bytes: TOKENIZER_BYTES_MAXIMUM, code: "tokenizer.invalid" });
  const config = await readOptional(find("tokenizer_config.json"));
  const { value: modelConfig } = await readOptional(find("config.json"));
  const chatTemplate = await readTemplate(find("chat_template.jinja"), config.value, file.path);
  const parts = readParts(tokenizer.value, config.value, file.path);
  refuseForeign(parts, own(modelConfig, "vocab_size"), file.path);
  const hash = createHash("sha256")
    .update(tokenizer.bytes)
    .update("\0")
    .update(config.bytes)
    .update(`\0${chatTemplate ?? ""}`);
  const modelType = textOf(own(modelConfig, "model_type"));
  return { where: file.path, ...parts, modelType, chatTemplate, fingerprint: hash.digest("hex") };
}

async function readOptional(file: SourceFile | undefined): Promise<{ value: JsonObject; bytes: Buffer }> {
  if (file === undefined) return { value: {}, bytes: Buffer.of() };
  return readJsonBytes(file, { bytes: CONFIG_BYTES_MAXIMUM, code: "tokenizer.invalid" });
}

function readParts(tokenizer: JsonObject, config: JsonObject, where: string) {
  const rawModel = own(tokenizer, "model");
  const vocabulary = readVocabulary(isObject(rawModel) ? own(rawModel, "vocab") : undefined, where);
  return {
    vocabulary,
    model: check(model, rawModel, "model", where),
    added: readAdded(tokenizer, config, where),
    normalizer: own(tokenizer, "normalizer"),
    preTokenizer: own(tokenizer, "pre_tokenizer"),
    postProcessor: own(tokenizer, "post_processor"),
    tokenizerClass: textOf(own(config, "tokenizer_class")),
    addPrefixSpace: own(config, "add_prefix_space") === true,
    beginToken: contentOf(own(config, "bos_token")),
    endToken: contentOf(own(config, "eos_token")) ?? "<|endoftext|>",
  };
}

function readVocabulary(value: unknown, where: string): Map<string, number> {
  if (!isObject(value)) throw invalid(where, "model.vocab is no object of tokens");
  const vocabulary = new Map<string, number>();
  for (const [text, number] of Object.entries(value)) {
    if (!id.safeParse(number).success || text.length > TOKEN_TEXT_MAXIMUM)
      throw invalid(where, `model.vocab has the entry ${quote(text)}: ${quote(String(number))}`);
    vocabulary.set(text, number as number);
  }
  return vocabulary;
}

/** Tokens of tokenizer.json, and those that only tokenizer_config.json knows, as transformers adds them. */
function readAdded(tokenizer: JsonObject, config: JsonObject, where: string): AddedToken[] {
  const list = z.array(addedToken.extend({ id })).max(ADDED_MAXIMUM);
  const tokens = check(list, own(tokenizer, "added_tokens") ?? [], "added_tokens", where);
  const more = own(config, "added_tokens_decoder");
  if (!isObject(more)) return tokens;
  const known = new Set(tokens.map((token) => token.id));
  const entries = Object.entries(more).filter(([key]) => !known.has(Number(key)));
  const extra = entries.map(([key, value]) => ({ ...(isObject(value) ? value : {}), id: Number(key) }));
  return [...tokens, ...check(list, extra, "added_tokens_decoder", where)];
}

/** The ids of a tokenizer index the rows of the model's embedding. */
function refuseForeign(parts: ReturnType<typeof readParts>, rows: unknown, where: string): void {
  if (typeof rows !== "number") return;
  const ids = [...parts.vocabulary.values(), ...parts.added.map((token) => token.id)];
  const largest = ids.reduce((most, each) => Math.max(most, each), -1);
  if (largest >= rows)
    throw invalid(where, `it knows token ${largest}, but config.json says that the vocabulary has ${rows} rows`);
}

/** chat_template.jinja goes before tokenizer_config.json's own, a text or a list of named ones. */
async function readTemplate(file: SourceFile | undefined, config: JsonObject, where: string) {
  const template = file === undefined ? defaultTemplate(own(config, "chat_template")) : await readText(file);
  if (template === undefined || Buffer.byteLength(template) <= TEMPLATE_BYTES_MAXIMUM) return template;
  throw invalid(where, `its chat template has more than ${TEMPLATE_BYTES_MAXIMUM} bytes`);
}

async function readText(file: SourceFile): Promise<string> {
  const bytes = await readRegular(file.path, TEMPLATE_BYTES_MAXIMUM);
  if (bytes === undefined) throw invalid(file.path, `it has more than ${TEMPLATE_BYTES_MAXIMUM} bytes`);
  return bytes.toString();
}

function defaultTemplate(value: unknown): string | undefined {
  if (!Array.isArray(value)) return textOf(value);
  const named = value.find((each) => isObject(each) && own(each, "name") === "default");
  return isObject(named) ? textOf(own(named, "template")) : undefined;
}

/** Special tokens are texts, or objects with their text and flags. */
function contentOf(value: unknown): string | undefined {
  return textOf(isObject(value) ? own(value, "content") : value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function check<T>(schema: z.ZodType<T>, value: unknown, field: string, where: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = [field, ...(issue?.path ?? [])].map(String).join(".");
  throw invalid(where, `${path}: ${issue?.message ?? "wrong form"}`);
}

function invalid(where: string, why: string): DeltaScopeError {
  return new DeltaScopeError("tokenizer.invalid", `${where}: ${why}.`, where);
}
