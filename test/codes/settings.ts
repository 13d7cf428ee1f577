/** adapter_config.json: values, patterns, variants and families. */
import { adapter, both, type CodeCase, configured, extended, file, PREFIX, USUAL, wave } from "./case.ts";

const on = (layer: number, kind: string) => `${PREFIX}model.layers.${layer}.self_attn.${kind}`;

/** One vector for each usual module. */
function forUsual(part: string, shape: number[]) {
  return Object.fromEntries(USUAL.map((name) => [`${PREFIX}${name}.${part}`, wave(shape)]));
}

const invalid: CodeCase[] = [
  { name: "rank null", says: /`r` is null/, tuned: configured({ r: null }) },
  { name: "rank zero", says: /`r` is 0/, tuned: configured({ r: 0 }) },
  { name: "rank is a word", says: /`r` is "four"/, tuned: configured({ r: "four" }) },
  { name: "no peft_type", says: /`peft_type`/, tuned: configured({ peft_type: undefined }) },
  { name: "alpha_pattern null", says: /`alpha_pattern`/, tuned: configured({ alpha_pattern: null }) },
  {
    name: "an unknown start",
    says: /`init_lora_weights` is "magic"/,
    tuned: configured({ init_lora_weights: "magic" }),
  },
].map((row) => ({ ...row, code: "adapter.config-invalid", inspect: true }));

export const settingCases: CodeCase[] = [
  ...invalid,
  {
    name: "alpha by a pattern with look-around",
    code: "adapter.config-invalid",
    says: /\(\?!k\)q_proj.*`alpha_pattern`.*do not tell rank and alpha/,
    tuned: configured({ alpha_pattern: { "(?!k)q_proj": 2 } }),
  },
  {
    name: "adapter config is a list",
    code: "adapter.config-invalid",
    says: /adapter_config\.json/,
    inspect: true,
    tuned: both(adapter(), file("adapter_config.json", "[]")),
  },
  {
    name: "a pattern that matches nothing",
    code: "adapter.config-invalid",
    says: /`target_modules` is the text "q_proj", a pattern for whole module names; it matches none of \d+ modules/,
    tuned: configured({ target_modules: "q_proj" }),
  },
  {
    name: "layers beside a pattern",
    code: "adapter.config-invalid",
    says: /`layers_to_transform` is \[0\]/,
    inspect: true,
    tuned: configured({ target_modules: ".*q_proj", layers_to_transform: [0] }),
  },
  {
    name: "a norm as target",
    code: "adapter.config-invalid",
    says: /norm/,
    tuned: configured({ target_modules: ["norm"] }),
  },
  {
    name: "prefix tuning",
    code: "adapter.no-static-delta",
    says: /PREFIX_TUNING adds inputs, not weights: there is no ΔW to analyse/,
    inspect: true,
    tuned: configured({ peft_type: "PREFIX_TUNING" }),
  },
  {
    name: "a mixture by router",
    code: "adapter.no-static-delta",
    says: /XLORA/,
    inspect: true,
    tuned: configured({ peft_type: "XLORA" }),
  },
  {
    name: "arrow",
    code: "adapter.no-static-delta",
    says: /router/,
    inspect: true,
    tuned: configured({ arrow_config: { top_k: 3 } }),
  },
  {
    name: "PSOFT",
    code: "adapter.not-reproducible",
    says: /PSOFT/,
    inspect: true,
    tuned: configured({ peft_type: "PSOFT" }),
  },
  {
    name: "PiSSA with a random SVD",
    code: "adapter.not-reproducible",
    says: /not stored\. Save again with `path_initial_model_for_weight_conversion`/,
    inspect: true,
    tuned: configured({ init_lora_weights: "pissa_niter_16" }),
  },
  {
    name: "CorDA",
    code: "adapter.unsupported",
    says: /CorDA/,
    inspect: true,
    tuned: configured({ init_lora_weights: "corda" }),
  },
  {
    name: "LoftQ",
    code: "adapter.unsupported",
    says: /LoftQ/,
    inspect: true,
    tuned: configured({ init_lora_weights: "loftq" }),
  },
  { name: "QALoRA", code: "adapter.unsupported", says: /GPTQ/, inspect: true, tuned: configured({ use_qalora: true }) },
  {
    name: "another family",
    code: "adapter.unsupported",
    says: /BONE/,
    inspect: true,
    tuned: configured({ peft_type: "BONE" }),
  },
  {
    name: "VeRA without its projections",
    code: "adapter.projection-not-saved",
    says: /vera_A of this VERA adapter is not in the file\. Save again with `save_projection=True`/,
    tuned: adapter({
      config: { peft_type: "VERA", save_projection: true },
      tensors: { ...forUsual("vera_lambda_b", [16]), ...forUsual("vera_lambda_d", [4]) },
    }),
  },
  {
    name: "PiSSA",
    code: "adapter.base-mutated",
    says: /PiSSA took the top 4 singular directions out of the base; ΔW below is against the original base and has rank up to 8\./,
    tuned: configured({ init_lora_weights: "pissa" }),
  },
  {
    name: "LoRA-GA",
    code: "adapter.base-mutated",
    says: /LoRA-GA/,
    tuned: configured({ init_lora_weights: "lora_ga" }),
  },
  {
    name: "aLoRA",
    code: "adapter.not-mergeable",
    says: /invocation tokens/,
    tuned: configured({ alora_invocation_tokens: [1, 2] }),
  },
  {
    name: "KaSA without its diagonal",
    code: "adapter.tensor-missing",
    says: /lora_diag/,
    tuned: configured({ kasa_config: {} }),
  },
  {
    name: "magnitudes without DoRA",
    code: "adapter.tensors-ignored",
    says: /lora_magnitude_vector|magnitude/,
    tuned: extended({ [`${on(0, "q_proj")}.lora_magnitude_vector`]: wave([16]) }),
  },
  {
    name: "DoRA without magnitudes",
    code: "adapter.tensors-missing",
    says: /magnitude/,
    tuned: configured({ use_dora: true }),
  },
];
