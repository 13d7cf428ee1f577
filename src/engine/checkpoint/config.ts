/** The parts of config.json that the engine uses, from a flat or a multimodal configuration. */
import { z } from "zod";
import { DeltaScopeError } from "../../contract/errors.ts";
import { quote } from "../source/quote.ts";
import { CONFIG_LIMITS, isObject, type JsonObject, own, readJson } from "../source/read-json.ts";
import type { SourceFile } from "../source/source.ts";
import type { ModelConfig } from "./checkpoint.ts";

/** Where multimodal configurations keep the language model's part. */
const TEXT_PARTS = ["text_config", "llm_config", "language_config"];

/**
 * Model types whose configuration class ties the head when the file says nothing (transformers 5.23; all of Qwen,
 * Llama, Mistral and Phi do not). Gemma's names are matched by their beginning.
 */
const TIED_BY_DEFAULT = new Set(
  "bloom cohere cohere2 ernie4_5 falcon gpt2 gpt_neo lfm2 mamba mpt opt smollm3 starcoder2".split(" "),
);

const count = z.int().min(0).nullish();
const fields = z.object({
  architectures: z.array(z.string().max(200)).nullish(),
  model_type: z.string().max(200).nullish(),
  tie_word_embeddings: z.boolean().nullish(),
  num_hidden_layers: count,
  hidden_size: count,
  vocab_size: count,
  num_experts: count,
  num_local_experts: count,
  n_routed_experts: count,
});
const NAMES = Object.keys(fields.shape);

/** Reads and checks config.json. Throws `checkpoint.config-invalid` naming the field and its value. */
export async function readModelConfig(file: SourceFile): Promise<ModelConfig> {
  const raw = await readJson(file, { ...CONFIG_LIMITS, code: "checkpoint.config-invalid" });
  return parseModelConfig(raw, file.path);
}

export function parseModelConfig(raw: JsonObject, where: string): ModelConfig {
  const text = textPart(raw);
  const parsed = fields.safeParse(pick(raw, text));
  if (!parsed.success) throw invalid(parsed.error, raw, where);
  const value = parsed.data;
  const modelType = value.model_type ?? undefined;
  return {
    architecture: value.architectures?.[0],
    modelType,
    tied: value.tie_word_embeddings ?? isTiedByDefault(modelType),
    layers: value.num_hidden_layers ?? undefined,
    hiddenSize: value.hidden_size ?? undefined,
    vocabularySize: value.vocab_size ?? undefined,
    experts: value.num_experts ?? value.num_local_experts ?? value.n_routed_experts ?? undefined,
    quantisation: quantisationOf(raw),
    raw,
  };
}

/** The language model's part of a multimodal configuration. */
export function textPart(raw: JsonObject): JsonObject | undefined {
  return TEXT_PARTS.map((part) => own(raw, part)).find(isObject);
}

/** Sizes come from the language model's part; what concerns the whole model from the outside first. */
function pick(raw: JsonObject, text: JsonObject | undefined): JsonObject {
  const whole = new Set(["architectures", "tie_word_embeddings"]);
  const entries = NAMES.map((name) => {
    const outer = own(raw, name);
    const inner = text === undefined ? undefined : own(text, name);
    return [name, whole.has(name) ? (outer ?? inner) : (inner ?? outer)] as const;
  });
  return Object.fromEntries(entries);
}

function isTiedByDefault(modelType: string | undefined): boolean {
  return modelType !== undefined && (modelType.startsWith("gemma") || TIED_BY_DEFAULT.has(modelType));
}

function quantisationOf(raw: JsonObject): ModelConfig["quantisation"] {
  const settings = own(raw, "quantization_config");
  if (!isObject(settings)) return undefined;
  const method = own(settings, "quant_method");
  const old = own(settings, "load_in_4bit") === true || own(settings, "load_in_8bit") === true;
  const name = typeof method === "string" ? method.slice(0, 100) : old ? "bitsandbytes" : "unknown";
  return { method: name, raw: settings };
}

function invalid(error: z.ZodError, raw: JsonObject, where: string): DeltaScopeError {
  const issue = error.issues[0];
  const field = String(issue?.path[0] ?? "");
  const value = shownValue(own(raw, field));
  return new DeltaScopeError(
    "checkpoint.config-invalid",
    `config.json: \`${field}\` is ${value} (${issue?.message}).`,
    where,
  );
}

/** A value of a configuration for a message: texts in quotes once, everything else as JSON. */
export function shownValue(value: unknown): string {
  if (typeof value === "string") return quote(value);
  return quote(JSON.stringify(value) ?? "nothing").slice(1, -1);
}
