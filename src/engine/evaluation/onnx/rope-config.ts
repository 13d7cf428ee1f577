/** The rotary settings of config.json: `rope_scaling` where present, else `rope_parameters`, else the default. */
import { isObject } from "../../source/read-json.ts";
import { type ConfigReader, configReader } from "./config-fields.ts";
import { type Rope, yarnScale } from "./rope.ts";

/** Where config.json names none, transformers fills these in. */
const THETA = 10_000;
const MAXIMUM_POSITIONS = 32_768;

/** Throws `evaluation.unsupported` for what is not known here (longrope, settings per layer type, partial rotation). */
export function readRope(config: ConfigReader, where: string): Rope {
  const holder = config.value("rope_scaling") === undefined ? "rope_parameters" : "rope_scaling";
  const fields = config.value(holder) ?? {};
  if (!isObject(fields)) return config.refuse(holder);
  if (Object.values(fields).some(isObject)) config.refuse(holder, "differs from layer type to layer type");
  const rope = configReader(fields, where, `${holder}.`);
  requireWhole(config);
  requireWhole(rope);
  const common = {
    theta: rope.positive("rope_theta", config.positive("rope_theta", THETA)),
    maxPositions: config.integer("max_position_embeddings", MAXIMUM_POSITIONS),
  };
  return { ...common, ...scaling(rope, config, common.maxPositions) };
}

function requireWhole(reader: ConfigReader): void {
  if ((reader.value("partial_rotary_factor") ?? 1) !== 1) reader.refuse("partial_rotary_factor");
}

type Scaling = Rope extends infer One ? (One extends Rope ? Omit<One, "theta" | "maxPositions"> : never) : never;

function scaling(rope: ConfigReader, config: ConfigReader, maxPositions: number): Scaling {
  // `type` is the old name of `rope_type`.
  const field = rope.value("rope_type") === undefined ? "type" : "rope_type";
  const type = rope.value(field) ?? "default";
  if (type === "default" || type === "dynamic") return { type };
  if (type === "linear") return { type, factor: rope.positive("factor") };
  if (type !== "llama3" && type !== "yarn") return rope.refuse(field);
  const stored = rope.integer("original_max_position_embeddings", maxPositions);
  const original = config.integer("original_max_position_embeddings", stored);
  if (type === "yarn") return { type, original, ...yarn(rope, maxPositions / original) };
  const lowFrequency = rope.positive("low_freq_factor");
  const highFrequency = rope.positive("high_freq_factor");
  return { type, original, factor: rope.positive("factor"), lowFrequency, highFrequency };
}

function yarn(rope: ConfigReader, stretch: number) {
  const factor = rope.positive("factor", stretch);
  const mscale = optional(rope, "mscale");
  const mscaleAll = optional(rope, "mscale_all_dim");
  const derived = mscale && mscaleAll ? yarnScale(factor, mscale) / yarnScale(factor, mscaleAll) : yarnScale(factor);
  return {
    factor,
    attentionFactor: rope.positive("attention_factor", derived),
    betaFast: rope.positive("beta_fast", 32),
    betaSlow: rope.positive("beta_slow", 1),
    truncate: rope.flag("truncate", true),
  };
}

/** Zero counts as absent, as in transformers. */
function optional(rope: ConfigReader, name: string): number | undefined {
  const value = rope.value(name);
  return value === undefined || value === 0 ? undefined : rope.positive(name);
}
