/** Full checkpoints against their base. */
import { tinyTensors } from "../builders/checkpoint.ts";
import { type CodeCase, checkpoint, edited, Q, wave, zeros } from "./case.ts";

const HEAD = "lm_head.weight";
const EMBEDDING = "model.embed_tokens.weight";
const UNTIED = { shape: { tied: false } };

export const checkpointCases: CodeCase[] = [
  {
    name: "another model's width",
    code: "pairing.shape-mismatch",
    says: /\[.*32\].*\[.*16\]/,
    tuned: checkpoint({ shape: { hidden: 32 } }),
  },
  {
    name: "nothing in common",
    code: "pairing.empty",
    says: /None of the 1 tensors/,
    tuned: checkpoint({ tensors: { other: zeros("F32", 2, 2) } }),
  },
  {
    name: "state dict of a wrapped model",
    code: "checkpoint.contains-adapter",
    says: /base_layer/,
    inspect: true,
    tuned: checkpoint({
      tensors: { [`${Q}.base_layer.weight`]: zeros("F32", 4, 4), [`${Q}.lora_A.default.weight`]: zeros("F32", 2, 4) },
    }),
  },
  { name: "a copy", code: "checkpoint.identical", says: /same weights/, tuned: checkpoint(), changed: [] },
  {
    name: "tuned head tied",
    code: "checkpoint.head-tied",
    says: /uses its embedding as head/,
    base: checkpoint(UNTIED),
    tuned: checkpoint({ seed: 2 }),
  },
  {
    name: "tuned head stored",
    code: "checkpoint.head-untied",
    says: /stores a head/,
    tuned: checkpoint({ ...UNTIED, seed: 2 }),
  },
  {
    name: "no head and no tie",
    code: "checkpoint.head-missing",
    says: /stores no lm_head\.weight.*random/,
    base: checkpoint(UNTIED),
    tuned: edited((tensors) => tensors.delete(HEAD), UNTIED),
    changed: [],
  },
  {
    name: "stored in fewer bits",
    code: "checkpoint.dtype-differs",
    says: /F32 in the base and BF16 in the tuned.*‖Δ‖\/‖W‖ ≈ 0\.0017/,
    tuned: checkpoint({ dtype: "BF16" }),
  },
  {
    name: "more tokens",
    code: "pairing.vocabulary",
    says: /40 rows in the base and 44 in the tuned checkpoint; the first 40 are compared, 4 are only in the tuned/,
    tuned: checkpoint({ shape: { vocabulary: 44 } }),
  },
  {
    name: "tensors of a classifier",
    code: "pairing.extra",
    says: /score\.weight|score/,
    tuned: edited((tensors) => tensors.set("score.weight", wave([2, 16])), { seed: 2 }),
    changed: [],
  },
  {
    name: "fewer layers",
    code: "pairing.missing",
    says: /model\.layers\.1/,
    tuned: checkpoint({ shape: { layers: 1 } }),
  },
  {
    name: "weights as integers",
    code: "pairing.dtype",
    says: /1 tensor \(model\.norm/,
    tuned: edited((tensors) => tensors.set("model.norm.weight", zeros("I32", 16))),
    changed: [],
  },
  {
    name: "prefix of a wrapper",
    code: "pairing.prefix",
    says: /"module\."/,
    inspect: true,
    tuned: checkpoint({
      tensors: new Map([...tinyTensors({}, 2)].map(([name, tensor]) => [`module.${name}`, tensor])),
    }),
  },
  {
    name: "no configuration",
    code: "checkpoint.architecture-unknown",
    says: /no config\.json/,
    inspect: true,
    tuned: checkpoint({ config: false, seed: 2 }),
  },
  {
    name: "another architecture",
    code: "checkpoint.architecture-differs",
    says: /Qwen2ForCausalLM.*MistralForCausalLM/,
    tuned: checkpoint({ config: { architectures: ["MistralForCausalLM"], model_type: "mistral" }, seed: 2 }),
  },
  {
    name: "a configuration with a word for a number",
    code: "checkpoint.config-invalid",
    says: /`hidden_size` is "wide"/,
    inspect: true,
    tuned: checkpoint({ config: { hidden_size: "wide" } }),
  },
  {
    name: "embedding alone",
    code: "pairing.missing",
    says: /Only in the base/,
    tuned: checkpoint({ tensors: { [EMBEDDING]: wave([40, 16]) } }),
    changed: ["model.embed_tokens"],
  },
];
