/** Initialisations and variants of LoRA that change what the factors mean: those that are refused. */
import { DeltaScopeError, type ErrorCode } from "../../../contract/errors.ts";
import { invalidConfig, type LoraConfig, showValue } from "../config.ts";
import type { FamilyVariant } from "../family.ts";

/** Starts that leave the base alone, so that the adapter is plain LoRA. */
const PLAIN_STARTS: ReadonlySet<string> = new Set(["gaussian", "orthogonal", "eva", "mica", "lora_ga", "olora"]);

interface MutatingStart {
  /** As manuals write it. */
  written: string;
  matches(start: string): boolean;
  code: ErrorCode;
  sentence: string;
}

const MUTATING_STARTS: readonly MutatingStart[] = [
  {
    written: "pissa_niter_N",
    matches: (start) => start.startsWith("pissa_niter_"),
    code: "adapter.not-reproducible",
    sentence:
      "PiSSA with a random SVD: the part taken out of the base is not stored. Save again with `path_initial_model_for_weight_conversion`.",
  },
  {
    written: "corda",
    matches: (start) => start.startsWith("corda"),
    code: "adapter.unsupported",
    sentence: "CorDA adapters are recognised but not supported: their start depends on data that is not in the file.",
  },
  {
    written: "loftq",
    matches: (start) => start === "loftq",
    code: "adapter.unsupported",
    sentence:
      "LoftQ adapters are recognised but not supported: their base is a quantised model that is not in the file.",
  },
];

const VARIANTS: readonly { key: string; code: ErrorCode; sentence: string }[] = [
  {
    key: "use_qalora",
    code: "adapter.unsupported",
    sentence: "QALoRA adapters are recognised but not supported: they belong to a GPTQ base.",
  },
  {
    key: "arrow_config",
    code: "adapter.no-static-delta",
    sentence: "Arrow is a router over other adapters: there is no single ΔW to analyse.",
  },
];

export const REFUSED_VARIANTS: readonly FamilyVariant[] = [
  ...MUTATING_STARTS.map(({ written, ...refusal }) => ({ setting: `init_lora_weights: ${written}`, ...refusal })),
  ...VARIANTS.map(({ key, ...refusal }) => ({ setting: key, ...refusal })),
].map(({ setting, code, sentence }) => ({ setting, status: `\`${code}\``, note: sentence }));

/** Throws for an initialisation or a variant whose ΔW is not s·B·A. */
export function refuseVariants(raw: Record<string, unknown>, config: LoraConfig): void {
  const start = config.init_lora_weights;
  if (typeof start === "string" && start !== "pissa" && !PLAIN_STARTS.has(start.toLowerCase())) {
    const known = MUTATING_STARTS.find(({ matches }) => matches(start));
    if (known === undefined)
      throw invalidConfig(`\`init_lora_weights\` is ${showValue(start)}, which peft does not know.`);
    throw new DeltaScopeError(known.code, known.sentence, "adapter_config.json");
  }
  const variant = VARIANTS.find(({ key }) => isSet(raw, key));
  if (variant !== undefined) throw new DeltaScopeError(variant.code, variant.sentence, "adapter_config.json");
}

/** The name of the start in lower case; empty where it is none of peft's names. */
export function startOf({ init_lora_weights: start }: LoraConfig): string {
  return typeof start === "string" ? start.toLowerCase() : "";
}

/** Whether the start moved a part of each linear weight into the factors, which cannot have more rank than the weight. */
export function movesWeights(config: LoraConfig): boolean {
  return ["pissa", "olora"].includes(startOf(config));
}

/** Whether a setting is there and not switched off. */
export function isSet(raw: Record<string, unknown>, key: string): boolean {
  const value = Object.hasOwn(raw, key) ? raw[key] : undefined;
  return value !== undefined && value !== null && value !== false;
}
