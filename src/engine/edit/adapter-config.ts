/** adapter_config.json of a plain LoRA whose factors hold everything: alpha equals rank, so that B·A is ΔW itself. */
import { isAbsolute, relative, resolve } from "node:path";
import { isHubAddress, parseHubId } from "../../contract/hub-id.ts";
import { namedBase } from "../adapter/config.ts";
import type { AdapterPackage, Checkpoint } from "../checkpoint/checkpoint.ts";

/** The version of peft whose keys these are, and that the golden tests load them with. */
const PEFT_VERSION = "0.21.2";

/** Keys of the source's configuration that no longer hold, with the values that do, where the key is there. */
const NEUTRAL: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...[
    "alora_invocation_tokens",
    "arrow_config",
    "corda_config",
    "eva_config",
    "exclude_modules",
    "kasa_config",
    "layer_replication",
    "layers_pattern",
    "layers_to_transform",
    "lora_ga_config",
    "modules_to_save",
    "monteclora_config",
    "target_parameters",
    "trainable_token_indices",
    "use_bdlora",
    "velora_config",
  ].map((key): [string, unknown] => [key, null]),
  ...["ensure_weight_tying", "fan_in_fan_out", "lora_bias", "use_dora", "use_qalora"].map((key): [string, unknown] => [
    key,
    false,
  ]),
  ["bias", "none"],
  ["init_lora_weights", true],
  ["loftq_config", {}],
  ["inference_mode", true],
]);

/** The least that peft needs. */
const FRESH: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["bias", "none"],
  ["fan_in_fan_out", false],
  ["inference_mode", true],
  ["init_lora_weights", true],
  ["lora_dropout", 0],
  ["peft_type", "LORA"],
  ["peft_version", PEFT_VERSION],
  ["task_type", "CAUSAL_LM"],
]);

export interface WrittenModule {
  /** Name in the wrapped model, which peft matches patterns against. */
  wrapped: string;
  rank: number;
}

/**
 * @param source configuration that the adapter comes from; none for an extracted one
 * @param base what the name of the base shall be
 */
export function loraConfig(
  source: Record<string, unknown> | undefined,
  modules: readonly WrittenModule[],
  base: string | null,
): Record<string, unknown> {
  const config = new Map<string, unknown>(source ? Object.entries(source) : FRESH);
  for (const [key, value] of NEUTRAL) if (config.has(key)) config.set(key, value);
  const rank = commonRank(modules);
  const others = modules.filter((module) => module.rank !== rank);
  const pattern = (): Record<string, number> =>
    Object.fromEntries(others.map(({ wrapped, rank: own }) => [escaped(wrapped), own]));
  const decided = {
    base_model_name_or_path: base,
    r: rank,
    lora_alpha: rank,
    use_rslora: false,
    rank_pattern: pattern(),
    alpha_pattern: pattern(),
    target_modules: modules.map(({ wrapped }) => wrapped).sort(),
  };
  for (const [key, value] of Object.entries(decided)) config.set(key, value);
  return Object.fromEntries([...config].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The rank that most modules have, the largest of several; patterns name the rest. peft needs one of at least 1. */
function commonRank(modules: readonly WrittenModule[]): number {
  const counts = Map.groupBy(modules, ({ rank }) => rank);
  const [first] = [...counts].sort(([a, one], [b, other]) => other.length - one.length || b - a);
  return Math.max(1, first?.[0] ?? 1);
}

/** peft takes the keys of patterns for regular expressions. */
function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The base's name for an adapter that is written to `folder`: paths seen from the source's folder are seen from there. */
export function baseNameFor(tuned: AdapterPackage, base: Checkpoint, folder: string): string | null {
  const name = namedBase(tuned.config);
  if (name === undefined) return base.source.repository ?? base.source.root;
  const isPath = !isAbsolute(name) && resolve(tuned.source.root, name) === base.source.root;
  if (!isPath || isHubAddress(name)) return name;
  return parseHubId(name) && !name.startsWith(".") ? name : relative(folder, base.source.root);
}
