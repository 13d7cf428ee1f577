/** Quantised weights: dequantised, refused in plain words, or shown without a base. */
import { type CodeCase, checkpoint, configured, extended, PREFIX, Q, quantised, USUAL, wave, zeros } from "./case.ts";

const GPTQ = {
  qweight: zeros("I32", 2, 16),
  qzeros: zeros("I32", 1, 2),
  scales: zeros("F16", 1, 16),
  g_idx: zeros("I32", 16),
};
const NF4 = {
  weight: zeros("U8", 128, 1),
  "weight.absmax": zeros("F32", 4),
  "weight.quant_map": zeros("F32", 16),
  "weight.quant_state.bitsandbytes__nf4": zeros("U8", 8),
};
const FP8 = {
  weight: { dtype: "F8_E4M3", shape: [16, 16], data: Uint8Array.from({ length: 256 }, (_, i) => i % 120) },
};
const MIX = "would mix training with quantisation error. Use the 16-bit original.";

/** Every format in its own words, on either side. */
const refused: CodeCase[] = [
  ...(
    [
      ["GPTQ", GPTQ, { quant_method: "gptq", bits: 4 }, "4-bit GPTQ"],
      ["GPTQ without configuration", GPTQ, undefined, "GPTQ"],
      [
        "AWQ",
        { qweight: zeros("I32", 16, 2), qzeros: zeros("I32", 1, 2), scales: zeros("F16", 1, 16) },
        undefined,
        "AWQ",
      ],
      ["bitsandbytes 4-bit", NF4, undefined, "4-bit bitsandbytes (nf4)"],
      [
        "bitsandbytes 8-bit",
        { weight: zeros("I8", 16, 16), SCB: zeros("F32", 16) },
        { load_in_8bit: true },
        "8-bit bitsandbytes",
      ],
      [
        "packed integers",
        { weight_packed: zeros("I32", 16, 2), weight_scale: zeros("BF16", 16, 1), weight_shape: zeros("I64", 2) },
        undefined,
        "compressed-tensors int",
      ],
      [
        "MXFP4",
        { gate_up_proj_blocks: zeros("U8", 2, 8), gate_up_proj_scales: zeros("U8", 2, 1) },
        { quant_method: "mxfp4" },
        "MXFP4",
      ],
      ["HQQ", { W_q: zeros("U8", 128, 1) }, undefined, "HQQ"],
      ["AQLM", { codebooks: zeros("F16", 2, 16, 1, 8), codes: zeros("I8", 2, 2) }, undefined, "AQLM"],
      ["quanto", { "weight._data": zeros("I8", 16, 16), "weight._scale": zeros("F32", 16, 1) }, undefined, "quanto"],
      ["a method nobody knows", { weight: zeros("BF16", 16, 16) }, { quant_method: "eetq" }, "eetq"],
      [
        "FP8 with scales of a kind that is not read",
        { weight: zeros("F8_E4M3", 16, 16), weight_scale_inv: zeros("F32", 1, 1), weight_zero_point: zeros("F32", 1) },
        undefined,
        "FP8 without a scale that can be read",
      ],
    ] as const
  ).map(([name, parts, settings, words], index): CodeCase => {
    const fill = quantised({ ...parts }, settings === undefined ? {} : { quantization_config: settings });
    const side = index % 2 === 0 ? { base: fill, tuned: checkpoint() } : { tuned: fill };
    const says = new RegExp(`is stored in ${words.replace(/[()]/g, "\\$&")}.*ΔW against it ${MIX}`);
    return { name, code: "checkpoint.quantised", says, ...side };
  }),
];

export const formatCases: CodeCase[] = [
  ...refused,
  {
    name: "FP8 with a scale",
    code: "checkpoint.dequantised",
    says: /1 weight is stored in FP8 with a scale for each row; W is each value times its scale/,
    inspect: true,
    tuned: quantised({ ...FP8, weight_scale: { dtype: "F32", shape: [16, 1], data: new Float32Array(16).fill(0.01) } }),
    changed: [Q],
  },
  {
    name: "FP8 with scales for blocks of another size",
    code: "checkpoint.config-invalid",
    says: /weight_scale_inv.*\[3, 1\].*\[16, 16\].*\[1, 1\].*128 × 128/,
    base: quantised({ ...FP8, weight_scale_inv: zeros("F32", 3, 1) }),
    tuned: checkpoint(),
  },
  {
    name: "FP8 with a block size that is none",
    code: "checkpoint.config-invalid",
    says: /block size of the quantisation is \[0,128\]/,
    inspect: true,
    tuned: quantised(
      { ...FP8, weight_scale_inv: zeros("F32", 1, 1) },
      { quantization_config: { quant_method: "fp8", weight_block_size: [0, 128] } },
    ),
  },
  {
    name: "LoRA over a quantised base",
    code: "checkpoint.quantised-base",
    says: /stored in 4-bit bitsandbytes \(nf4\).*without base spectra/,
    base: quantised(NF4),
  },
  {
    name: "VeRA over a quantised base",
    code: "checkpoint.quantised-base",
    says: /stored in GPTQ/,
    base: quantised(GPTQ),
    tuned: extended(
      {
        [`${PREFIX}${Q}.vera_lambda_b`]: wave([16]),
        [`${PREFIX}${Q}.vera_lambda_d`]: wave([4]),
        "base_model.vera_A": wave([4, 16]),
        "base_model.vera_B": wave([16, 4]),
      },
      { peft_type: "VERA", target_modules: ["q_proj"], layers_to_transform: [0] },
    ),
    changed: [Q],
  },
  {
    name: "DoRA over a quantised base",
    code: "checkpoint.quantised",
    says: new RegExp(`q_proj: DoRA needs the base weights.*${MIX}`),
    base: quantised(GPTQ),
    tuned: configured({ use_dora: true }),
  },
  {
    name: "trained over a quantised copy",
    code: "adapter.quantised-training",
    says: /trained on org\/base-unsloth-bnb-4bit; base is compared/,
    tuned: configured({ base_model_name_or_path: "org/base-unsloth-bnb-4bit" }),
    changed: USUAL,
  },
];
