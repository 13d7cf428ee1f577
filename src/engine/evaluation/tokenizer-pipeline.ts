/** How a text becomes tokens: Qwen's own steps, which transformers puts in whatever tokenizer.json says. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { isObject, own } from "../source/read-json.ts";
import type { TokenizerFiles } from "./tokenizer-files.ts";

/** `PRETOKENIZE_REGEX` of transformers' Qwen2Tokenizer. A pattern from a file is never run: it could backtrack. */
const PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/** Stands for bytes without a token, which would otherwise be left out in silence; no vocabulary holds it. */
const UNKNOWN = "\u{10ffff}";

export interface Pipeline {
  /** In the form of tokenizer.json. */
  pipeline: object;
  /** Whether the post-processor puts tokens of its own around a text. */
  addsTokens: boolean;
  alerts: Alert[];
}

/** Throws `tokenizer.invalid` for a post-processor or, where the file counts, steps that are not Qwen's. */
export function pipelineOf(files: TokenizerFiles): Pipeline {
  const difference = findDifference(files);
  if (difference !== undefined && !isRebuilt(files)) {
    const message = `${files.where}: ${difference}, and ${files.tokenizerClass} keeps it; only Qwen's steps are known.`;
    throw new DeltaScopeError("tokenizer.invalid", message, files.where);
  }
  const { vocabulary, model, added, postProcessor, addPrefixSpace } = files;
  const steps = [splitStep(), byteStep(addPrefixSpace)];
  return {
    pipeline: {
      added_tokens: added,
      normalizer: { type: "NFC" },
      pre_tokenizer: { type: "Sequence", pretokenizers: steps },
      post_processor: postProcessorOf(files),
      decoder: null,
      model: { ...model, vocab: Object.fromEntries(vocabulary), unk_token: UNKNOWN },
    },
    addsTokens: holdsTokens(postProcessor),
    alerts: difference === undefined ? [] : [differs(difference, files.where)],
  };
}

/**
 * transformers 5 builds Qwen2Tokenizer for every qwen2 and qwen3 model, except where the file names Llama's class (it
 * then keeps the file's own steps), or where a qwen3 model names a class of its own.
 */
function isRebuilt({ tokenizerClass, modelType }: TokenizerFiles): boolean {
  const name = tokenizerClass?.replace(/Fast$/, "");
  if (name === undefined || name === "Qwen2Tokenizer") return true;
  return modelType === "qwen2" && name !== "LlamaTokenizer";
}

/** The first step of the file that is not Qwen's; undefined where all are. */
function findDifference({ normalizer, preTokenizer, addPrefixSpace, model }: TokenizerFiles): string | undefined {
  if (typeOf(normalizer) !== "NFC") return `its normalizer is ${typeOf(normalizer)}, not NFC`;
  const steps = stepsOf(preTokenizer);
  const [split, bytes] = steps;
  if (steps.length !== 2 || typeOf(split) !== "Split" || typeOf(bytes) !== "ByteLevel")
    return `its pre_tokenizer is ${steps.map(typeOf).join(", ") || "empty"}, not Split, ByteLevel`;
  if (!sameFields(split, splitStep())) return "its pre_tokenizer splits by another pattern";
  if (!sameFields(bytes, { ...byteStep(addPrefixSpace), trim_offsets: undefined }))
    return "its ByteLevel step has other settings";
  return model.ignore_merges === true ? "its model ignores merges" : undefined;
}

function splitStep() {
  return { type: "Split", pattern: { Regex: PATTERN }, behavior: "Isolated", invert: false };
}

function byteStep(addPrefixSpace: boolean) {
  return { type: "ByteLevel", add_prefix_space: addPrefixSpace, trim_offsets: false, use_regex: false };
}

function stepsOf(preTokenizer: unknown): unknown[] {
  if (!isObject(preTokenizer)) return [];
  const list = own(preTokenizer, "pretokenizers");
  return Array.isArray(list) ? list : [preTokenizer];
}

/** Fields that are undefined in `wanted` may be anything. */
function sameFields(value: unknown, wanted: Record<string, unknown>): boolean {
  if (!isObject(value)) return false;
  return Object.entries(wanted).every(
    ([key, want]) => want === undefined || JSON.stringify(own(value, key)) === JSON.stringify(want),
  );
}

const KNOWN_POST_PROCESSORS = new Set(["ByteLevel", "TemplateProcessing"]);

/** ByteLevel only moves offsets, and a template may add tokens; transformers keeps both from the file. */
function postProcessorOf({ postProcessor, where }: TokenizerFiles): unknown {
  if (postProcessor === undefined || postProcessor === null) return null;
  const list = isObject(postProcessor) ? own(postProcessor, "processors") : undefined;
  const parts: unknown[] = Array.isArray(list) ? list : [postProcessor];
  const unknown = parts.find((part) => !KNOWN_POST_PROCESSORS.has(typeOf(part)));
  if (unknown === undefined) return postProcessor;
  const message = `${where}: its post_processor ${typeOf(unknown)} is not one that Qwen's tokenizers have.`;
  throw new DeltaScopeError("tokenizer.invalid", message, where);
}

function holdsTokens(postProcessor: unknown): boolean {
  return JSON.stringify(postProcessor ?? null).includes('"SpecialToken"');
}

function typeOf(step: unknown): string {
  const type = isObject(step) ? own(step, "type") : undefined;
  return typeof type === "string" ? JSON.stringify(type.slice(0, 40)).slice(1, -1) : "none";
}

function differs(difference: string, where: string): Alert {
  const message = `${where}: ${difference}. Scored with Qwen's own steps, as transformers and lm-evaluation-harness do.`;
  return makeAlert("evaluation.tokenizer-differs", message, where);
}
