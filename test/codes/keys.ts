/** Keys and factors of an adapter. */
import { tinyFactors } from "../builders/checkpoint.ts";
import {
  adapter,
  type CodeCase,
  configured,
  extended,
  factors,
  only,
  PREFIX,
  Q,
  renamed,
  USUAL,
  wave,
  zeros,
} from "./case.ts";

const EMBEDDING = "model.embed_tokens";
const O = "model.layers.0.self_attn.o_proj";
const ON_EMBEDDING = { target_modules: ["q_proj", "v_proj", "embed_tokens"] };
const embeddingFactors = {
  [`${PREFIX}${EMBEDDING}.lora_embedding_A`]: wave([4, 40]),
  [`${PREFIX}${EMBEDDING}.lora_embedding_B`]: wave([16, 4]),
};

export const keyCases: CodeCase[] = [
  {
    name: "torch.compile prefix",
    code: "adapter.keys-unrecognised",
    says: /None of the 8 tensors starts with `base_model\.model\.`.*Keys start with `_orig_mod\.`/,
    inspect: true,
    tuned: renamed((key) => key.replace(PREFIX, "_orig_mod.")),
  },
  {
    name: "DDP prefix",
    code: "adapter.keys-unrecognised",
    says: /`module\.`/,
    inspect: true,
    tuned: renamed((key) => `module.${key}`),
  },
  {
    name: "no prefix",
    code: "adapter.keys-unrecognised",
    says: /base_model\.model\./,
    inspect: true,
    tuned: renamed((key) => key.replace(PREFIX, "")),
  },
  {
    name: "kohya names",
    code: "adapter.keys-unrecognised",
    says: /lora_/,
    inspect: true,
    tuned: renamed((key) =>
      key.replace(PREFIX, "lora_unet_").replace("lora_A", "lora_down").replace("lora_B", "lora_up"),
    ),
  },
  {
    name: "names without the outer model.",
    code: "adapter.keys-unrecognised",
    says: /lacks the outer `model\.`/,
    tuned: renamed((key) => key.replace("model.model.layers", "model.layers")),
  },
  {
    name: "no tensors",
    code: "adapter.keys-unrecognised",
    says: /holds no tensors/,
    inspect: true,
    tuned: adapter({ tensors: {} }),
  },
  {
    name: "partitions never gathered",
    code: "adapter.shape-mismatch",
    says: /\[0\]; the training run saved partitioned weights, save again after gathering/,
    tuned: adapter({ tensors: new Map([...tinyFactors()].map(([key]) => [key, zeros("F32", 0)])) }),
  },
  {
    name: "only lora_B",
    code: "adapter.tensor-missing",
    says: /lora_B but no lora_A/,
    tuned: adapter({ tensors: only("lora_B") }),
  },
  {
    name: "only lora_A",
    code: "adapter.tensor-missing",
    says: /holds 4 tensors, but no complete set of factors for any of its 4 targeted modules.*q_proj/,
    tuned: adapter({ tensors: only("lora_A") }),
  },
  {
    name: "wrong base: other width",
    code: "adapter.shape-mismatch",
    says: /q_proj: lora_. is \(.*32.*\), the base weight has 16.*Adapter of Org\/Wide\?/,
    tuned: adapter({ shape: { hidden: 32 }, config: { base_model_name_or_path: "Org/Wide" } }),
  },
  {
    name: "rank differs from the factors",
    code: "adapter.shape-mismatch",
    says: /q_proj.*rank 8/,
    tuned: configured({ r: 8 }),
  },
  {
    name: "promised head absent",
    code: "adapter.tensor-missing",
    says: /`model\.layers\.0\.input_layernorm\.weight` is listed in `modules_to_save` but not in adapter_model/,
    tuned: configured({ modules_to_save: ["norm"] }),
  },
  {
    name: "the adapter's name in the keys",
    code: "adapter.name-in-keys",
    says: /8 keys.*"default"/,
    tuned: renamed((key) => key.replace(".weight", ".default.weight")),
  },
  {
    name: "tensors that are not targeted",
    code: "adapter.tensors-ignored",
    says: /4 tensors of .*v_proj.* not in `target_modules`; peft ignores them/,
    tuned: configured({ target_modules: ["q_proj"] }),
    changed: USUAL.filter((name) => name.endsWith("q_proj")),
  },
  {
    name: "targeted modules without tensors",
    code: "adapter.tensors-missing",
    says: /layers\.0\.self_attn\.o_proj and 1 more are targeted but not in the file; ΔW is zero/,
    tuned: configured({ target_modules: ["q_proj", "v_proj", "o_proj"] }),
  },
  {
    name: "a norm stored in full",
    code: "adapter.replaced-weights",
    says: /model\.norm\.weight.*does not ask/,
    tuned: extended({ [`${PREFIX}model.norm.weight`]: wave([16], 0.1, 1) }),
  },
  {
    name: "a target pattern with look-ahead",
    code: "adapter.pattern-unsupported",
    says: /\(\?!x\)/,
    tuned: configured({ target_modules: ".*(?!x)[qv]_proj" }),
  },
  {
    name: "a new bias",
    code: "adapter.not-mergeable",
    says: /o_proj/,
    tuned: extended(
      { ...factors(O, 16, 16), [`${PREFIX}${O}.lora_B.bias`]: wave([16]) },
      {
        target_modules: ["q_proj", "v_proj", "self_attn.o_proj"],
        layers_to_transform: [0],
        lora_bias: true,
      },
    ),
    changed: [`model.layers.0.self_attn.q_proj`, `model.layers.0.self_attn.v_proj`, O],
  },
  {
    name: "LoRA on a tied embedding",
    code: "adapter.tied-embeddings",
    says: /share one matrix/,
    tuned: extended(embeddingFactors, ON_EMBEDDING),
    changed: [EMBEDDING, ...USUAL],
  },
  {
    name: "a resized vocabulary",
    code: "adapter.vocabulary-resized",
    says: /44 rows in the adapter and 40 in the base; the first 40/,
    tuned: extended({ [`${PREFIX}${EMBEDDING}.weight`]: wave([44, 16]) }),
    changed: ["lm_head", EMBEDDING, ...USUAL],
  },
  {
    name: "replicated layers",
    code: "adapter.layer-replication",
    says: /a stack of 4 layers made of the base's layers 0–1, 0–1/,
    tuned: adapter({
      shape: { layers: 4 },
      config: {
        layer_replication: [
          [0, 2],
          [0, 2],
        ],
      },
    }),
    changed: [0, 1, 2, 3].flatMap((layer) =>
      ["q_proj", "v_proj"].map((kind) => `model.layers.${layer}.self_attn.${kind}`),
    ),
  },
  {
    name: "a token row outside",
    code: "adapter.config-invalid",
    says: /400/,
    tuned: extended(
      { [`${PREFIX}${EMBEDDING}.token_adapter.trainable_tokens_delta`]: zeros("F32", 1, 16) },
      {
        trainable_token_indices: [400],
      },
    ),
  },
  {
    name: "a factor with NaN",
    code: "adapter.not-finite",
    says: /q_proj\.lora_B\.weight/,
    tuned: extended({
      [`${PREFIX}${Q}.lora_B.weight`]: { ...wave([16, 4]), data: new Float32Array(64).fill(Number.NaN) },
    }),
    changed: USUAL.filter((name) => name !== Q),
  },
  {
    name: "saved before training",
    code: "adapter.no-effect",
    says: /zero/,
    tuned: adapter({
      tensors: new Map(
        [...tinyFactors()].map(([key, tensor]) => [
          key,
          key.includes("lora_B") ? zeros("F32", ...tensor.shape) : tensor,
        ]),
      ),
    }),
    changed: [],
  },
];
