import { expect, test } from "vitest";
import { P, Q, Q0, refusalOf as readRefusal } from "../../../../test/builders/adapter-reading.ts";
import { finish } from "../../../../test/builders/finish.ts";
import { headerAdapter } from "../../../../test/builders/headers.ts";
import { type ErrorCode, toDeltaScopeError } from "../../../contract/errors.ts";
import { READ_TYPES, summarizeAdapter } from "../adapter.ts";
import { REFUSED_TYPES } from "./refused.ts";

function refusalOf(config: Record<string, unknown>) {
  try {
    finish(summarizeAdapter(headerAdapter(config, {})));
  } catch (thrown) {
    return toDeltaScopeError(thrown);
  }
  throw new Error("not refused");
}

/** Every member of peft 0.21.2's PeftType except LORA. */
const TYPES =
  "PROMPT_TUNING MULTITASK_PROMPT_TUNING P_TUNING PREFIX_TUNING ADALORA ADAMSS BOFT ADAPTION_PROMPT IA3 BEFT LILY LOHA LOKR OFT POLY LN_TUNING VERA FROD PVERA FOURIERFT GLORA XLORA HRA VBLORA UNILORA CPT MISS RANDLORA ROAD TRAINABLE_TOKENS HIRA SHIRA C3A WAVEFT OSF DELORA GRALORA CARTRIDGE TINYLORA PSOFT PEANUT SHADOW SUPERTUNING DEFT".split(
    " ",
  );

test("every type of peft is read or has its own refusal", () => {
  expect([...REFUSED_TYPES, ...READ_TYPES].sort()).toEqual([...TYPES, "BONE", "LORA"].sort());
  for (const type of TYPES.filter((name) => !READ_TYPES.includes(name)))
    expect(refusalOf({ peft_type: type }).message).toContain(type);
});

const NO_DELTA: ErrorCode = "adapter.no-static-delta";
const NOT_REPRODUCIBLE: ErrorCode = "adapter.not-reproducible";
const UNSUPPORTED: ErrorCode = "adapter.unsupported";
const INVALID: ErrorCode = "adapter.config-invalid";

test.each<[Record<string, unknown>, ErrorCode, string]>([
  [{ peft_type: "PREFIX_TUNING" }, NO_DELTA, "PREFIX_TUNING adds inputs, not weights: there is no ΔW to analyse."],
  [{ peft_type: "XLORA" }, NO_DELTA, "XLORA chooses its weights for every input"],
  [{ peft_type: "PSOFT" }, NOT_REPRODUCIBLE, "PSOFT"],
  [{ peft_type: "ADAMSS" }, NOT_REPRODUCIBLE, "k-means"],
  [{ peft_type: "BONE" }, UNSUPPORTED, "BONE"],
  [{ peft_type: "FROBNICATE" }, UNSUPPORTED, '`peft_type` is "FROBNICATE"'],
  [{ peft_type: "lora" }, UNSUPPORTED, 'peft knows "LORA" only'],
  [{ peft_type: null }, INVALID, "`peft_type` is null"],
  [{ peft_type: undefined }, INVALID, "`peft_type` is missing"],
  [{ init_lora_weights: "pissa_niter_16" }, NOT_REPRODUCIBLE, "PiSSA with a random SVD"],
  [{ init_lora_weights: "corda" }, UNSUPPORTED, "CorDA"],
  [{ init_lora_weights: "loftq" }, UNSUPPORTED, "LoftQ"],
  [{ init_lora_weights: "frobnicate" }, INVALID, '`init_lora_weights` is "frobnicate"'],
  [{ peft_type: "OFT" }, UNSUPPORTED, "without `oft_block_size`"],
  [{ peft_type: "VERA", save_projection: false }, "adapter.projection-not-saved", "save_projection=True"],
  [{ use_qalora: true }, UNSUPPORTED, "QALoRA"],
  [{ arrow_config: { top_k: 3 } }, NO_DELTA, "Arrow"],
])("%j → %s", (config, code, words) => {
  const refusal = refusalOf(config);
  expect(refusal.code).toBe(code);
  expect(refusal.message).toContain(words);
});

test.each([true, false, null, "gaussian", "Gaussian", "orthogonal", "eva", "mica"])(
  "start %j is plain LoRA",
  (start) => {
    expect(finish(summarizeAdapter(headerAdapter({ init_lora_weights: start }, Q)))).toMatchObject({
      type: "LORA",
      scale: 2,
    });
  },
);

test("the summary says rank, alpha, scale, variants, targets and the named base", () => {
  const config = {
    r: 4,
    lora_alpha: 6,
    use_rslora: true,
    use_dora: true,
    modules_to_save: ["norm"],
    base_model_name_or_path: "Qwen/Q",
  };
  expect(finish(summarizeAdapter(headerAdapter(config, Q)))).toEqual({
    type: "LORA",
    rank: 4,
    alpha: 6,
    scale: 3,
    scaleFormula: "lora_alpha / √r",
    variants: ["dora", "rslora", "modules_to_save"],
    targets: ["q_proj", "v_proj"],
    baseModel: "Qwen/Q",
  });
});

test.each(["module.", "_orig_mod.", "model."])(
  "keys that start with %s are refused before any base is known",
  (prefix) => {
    const wrapped = Object.fromEntries(
      Object.entries(Q).map(([key, shape]) => [key.replace(P, `${prefix}${P}`), shape]),
    );
    expect(() => finish(summarizeAdapter(headerAdapter({}, wrapped)))).toThrow(
      expect.objectContaining({ code: "adapter.keys-unrecognised", message: expect.stringContaining(`\`${prefix}\``) }),
    );
    // What the configuration says comes first.
    expect(() => finish(summarizeAdapter(headerAdapter({ use_qalora: true }, wrapped)))).toThrow(
      expect.objectContaining({ code: "adapter.unsupported" }),
    );
  },
);

// Files, config, keys, shapes: one error, the first.
test.each<[string, Record<string, unknown>]>([
  ["ADALORA", { init_r: 0 }],
  ["DEFT", { alpha: "much" }],
  ["DEFT", { para: 3 }],
  ["FOURIERFT", { random_loc_seed: 0.5 }],
  ["FOURIERFT", { scaling: "x" }],
  ["GRALORA", { gralora_k: 0 }],
  ["HRA", { apply_GS: "yes" }],
  ["IA3", { feedforward_modules: 7 }],
  ["OFT", { oft_block_size: 4, num_cayley_neumann_terms: -1 }],
  ["OFT", { oft_block_size: 4, coft: true, eps: "small" }],
  ["PEANUT", { scaling: [] }],
  ["PVERA", { sample_at_inference: 1 }],
  ["ROAD", { group_size: "64" }],
  ["SUPERTUNING", { r: 0 }],
  ["TINYLORA", { weight_tying: 2 }],
  ["TRAINABLE_TOKENS", { token_indices: [1, 1] }],
  ["VBLORA", { topk: 0 }],
  ["WAVEFT", { random_loc_seed: null }],
])("a setting of %s is refused before the keys: %j", (type, settings) => {
  const config = { peft_type: type, target_modules: ["q_proj"], ...settings };
  const keys = { [`module.${P}${Q0}.factor`]: [1] };
  const reading = readRefusal(config, keys);
  expect([reading.code, reading.message]).toEqual([
    INVALID,
    expect.stringContaining(`\`${Object.keys(settings).at(-1)}\``),
  ]);
  expect(refusalOf(config).message).toBe(reading.message);
});
