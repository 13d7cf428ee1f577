/** From config.json to the facts that the graph needs (defaults are those of transformers 5.23). */
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { Checkpoint } from "../../checkpoint/checkpoint.ts";
import type { JsonObject } from "../../source/read-json.ts";
import { type ConfigReader, configReader } from "./config-fields.ts";
import type { Rope } from "./rope.ts";
import { readRope } from "./rope-config.ts";

export interface ModelShape {
  family: "qwen2" | "qwen3";
  hidden: number;
  layers: number;
  heads: number;
  keyValueHeads: number;
  headSize: number;
  /** Width of the feed-forward part. */
  intermediate: number;
  /** Rows of the embedding and of the output layer. */
  vocabulary: number;
  /** What is added to the mean square before its root is taken. */
  epsilon: number;
  tied: boolean;
  maxPositions: number;
  queryKeyValueBias: boolean;
  outputBias: boolean;
  queryKeyNorm: boolean;
  /** Tokens that each layer sees, itself included; undefined for full attention. */
  windows: readonly (number | undefined)[];
  rope: Rope;
}

/** The deepest known models have some 130 layers. */
const LAYERS_MAXIMUM = 1024;
/** The attention kernel needs a multiple of it. */
const HEAD_SIZE_STEP = 16;
/** Twice the largest known; the rotary tables are sized by it before any tensor is looked at. */
const HEAD_SIZE_MAXIMUM = 1024;
/** What the two configuration classes fill in. */
const QWEN3_HEAD_SIZE = 128;
const KEY_VALUE_HEADS = 32;
const WINDOW = 4096;
const FIRST_WINDOW_LAYER = 28;

/** Throws `evaluation.unsupported` naming the field of config.json that the graph cannot express. */
export function modelShape(
  checkpoint: Pick<Checkpoint, "config" | "source" | "quantised" | "dequantised">,
): ModelShape {
  const { config, source } = checkpoint;
  const format = checkpoint.quantised ?? checkpoint.dequantised;
  if (format !== undefined) {
    const message = `${source.location} is stored in ${format}; only weights of 16 or 32 bits can be scored. Use the 16-bit original.`;
    throw new DeltaScopeError("evaluation.unsupported", message, source.location);
  }
  if (config !== undefined) return parseModelShape(config.raw, source.root);
  const message = `${source.root} holds no config.json, so the model's shape is not known.`;
  throw new DeltaScopeError("evaluation.unsupported", message, source.root);
}

export function parseModelShape(raw: JsonObject, where: string): ModelShape {
  const config = configReader(raw, where);
  const family = readFamily(config);
  refuseUnknown(config);
  const hidden = config.integer("hidden_size");
  const layers = config.integer("num_hidden_layers");
  if (layers > LAYERS_MAXIMUM) config.refuse("num_hidden_layers", `is more than ${LAYERS_MAXIMUM}`);
  const rope = readRope(config, where);
  const attentionBias = config.flag("attention_bias", false);
  return {
    family,
    hidden,
    layers,
    ...readHeads(config, family, hidden),
    intermediate: config.integer("intermediate_size"),
    vocabulary: config.integer("vocab_size"),
    epsilon: config.positive("rms_norm_eps", 1e-6),
    tied: config.flag("tie_word_embeddings", false),
    maxPositions: rope.maxPositions,
    // Qwen2 has these three biases whatever the file says; Qwen3 has all four or none.
    queryKeyValueBias: family === "qwen2" || attentionBias,
    outputBias: family === "qwen3" && attentionBias,
    queryKeyNorm: family === "qwen3",
    windows: readWindows(config, layers),
    rope,
  };
}

function readFamily(config: ConfigReader): ModelShape["family"] {
  const type = config.value("model_type");
  return type === "qwen2" || type === "qwen3" ? type : config.refuse("model_type");
}

function refuseUnknown(config: ConfigReader): void {
  if (config.value("quantization_config") !== undefined) config.refuse("quantization_config");
  const activation = config.value("hidden_act") ?? "silu";
  if (activation !== "silu" && activation !== "swish") config.refuse("hidden_act");
}

function readHeads(config: ConfigReader, family: ModelShape["family"], hidden: number) {
  const heads = config.integer("num_attention_heads");
  const keyValueHeads = config.integer(
    "num_key_value_heads",
    config.has("num_key_value_heads") ? heads : KEY_VALUE_HEADS,
  );
  if (heads % keyValueHeads !== 0) config.refuse("num_key_value_heads", `does not divide ${heads} heads`);
  const headSize = config.integer("head_dim", family === "qwen3" ? QWEN3_HEAD_SIZE : hidden / heads);
  if (headSize > HEAD_SIZE_MAXIMUM) config.refuse("head_dim", `gives heads of ${headSize}, above ${HEAD_SIZE_MAXIMUM}`);
  if (headSize % HEAD_SIZE_STEP !== 0) {
    config.refuse("head_dim", `gives heads of ${headSize}; the attention kernel needs a multiple of ${HEAD_SIZE_STEP}`);
  }
  return { heads, keyValueHeads, headSize };
}

function readWindows(config: ConfigReader, layers: number): (number | undefined)[] {
  const length = readWindow(config);
  const types = config.value("layer_types");
  if (types === undefined) {
    const first = config.value("max_window_layers") === 0 ? 0 : config.integer("max_window_layers", FIRST_WINDOW_LAYER);
    return Array.from({ length: layers }, (_, index) => (index >= first ? length : undefined));
  }
  if (!Array.isArray(types) || types.length !== layers) return config.refuse("layer_types", `is no list of ${layers}`);
  return types.map((type: unknown) => {
    if (type === "full_attention") return undefined;
    const slides = type === "sliding_attention" && length !== undefined;
    return slides ? length : config.refuse("layer_types", "holds a type that cannot be scored");
  });
}

/** A length without `use_sliding_window` means nothing. */
function readWindow(config: ConfigReader): number | undefined {
  if (!config.flag("use_sliding_window", false)) return undefined;
  if (config.has("sliding_window") && config.value("sliding_window") === undefined) return undefined;
  return config.integer("sliding_window", WINDOW);
}
