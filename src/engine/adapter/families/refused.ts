/** Every adapter type that is recognised and refused, with the sentence a person reads. */
import { DeltaScopeError, type ErrorCode } from "../../../contract/errors.ts";

interface Refusal {
  code: ErrorCode;
  sentence: string;
}

/** Families that add inputs in front of or beside the layers. */
const INPUTS = [
  "PROMPT_TUNING",
  "MULTITASK_PROMPT_TUNING",
  "P_TUNING",
  "PREFIX_TUNING",
  "ADAPTION_PROMPT",
  "CPT",
  "CARTRIDGE",
];

/** Families whose weights depend on a router or on the input. */
const ROUTERS = ["POLY", "XLORA", "SHADOW", "LILY"] as const;

const REFUSALS: ReadonlyMap<string, Refusal> = new Map([
  ...INPUTS.map((type) =>
    entry(type, "adapter.no-static-delta", `${type} adds inputs, not weights: there is no ΔW to analyse.`),
  ),
  ...ROUTERS.map((type) =>
    entry(
      type,
      "adapter.no-static-delta",
      `${type} chooses its weights for every input: there is no single ΔW to analyse.`,
    ),
  ),
  entry(
    "PSOFT",
    "adapter.not-reproducible",
    "PSOFT stores a rotation in the basis of the base's singular vectors, whose signs differ between machines.",
  ),
  entry(
    "ADAMSS",
    "adapter.not-reproducible",
    "ADAMSS orders its rows by a k-means run whose result is not stored in the file.",
  ),
  entry("BONE", "adapter.unsupported", "BONE adapters are recognised but not supported; peft itself has removed them."),
]);

/** Every refused peft_type. */
export const REFUSED_TYPES: readonly string[] = [...REFUSALS.keys()];

/** The error for a type that no family reads. */
export function refusalOf(type: string): DeltaScopeError {
  const refusal = REFUSALS.get(type);
  if (refusal !== undefined) return new DeltaScopeError(refusal.code, refusal.sentence, "adapter_config.json");
  const upper = type.toUpperCase();
  if (upper !== type && (upper === "LORA" || REFUSALS.has(upper))) {
    return unsupported(`\`peft_type\` is "${type}"; peft knows "${upper}" only.`);
  }
  return unsupported(`\`peft_type\` is "${type.slice(0, 60)}", which no version of peft up to 0.21 knows.`);
}

function entry(type: string, code: ErrorCode, sentence: string): [string, Refusal] {
  return [type, { code, sentence }];
}

function unsupported(sentence: string): DeltaScopeError {
  return new DeltaScopeError("adapter.unsupported", `adapter_config.json: ${sentence}`, "adapter_config.json");
}
