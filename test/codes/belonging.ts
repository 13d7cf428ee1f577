/** Does the adapter belong to this base? */
import { adapter, type CodeCase, configured, extended, PREFIX, Q, USUAL, wave } from "./case.ts";

const EMBEDDING = "model.embed_tokens";

export const belongingCases: CodeCase[] = [
  {
    name: "the configuration names another base",
    code: "adapter.base-name-differs",
    says: /names Org\/Other as its base; this one is base/,
    tuned: configured({ base_model_name_or_path: "Org/Other" }),
  },
  {
    name: "a stored embedding that is not the base's",
    code: "adapter.base-differs",
    says: /embed_tokens.*differs from that of base/,
    tuned: extended(
      {
        [`${PREFIX}${EMBEDDING}.lora_embedding_A`]: wave([4, 40]),
        [`${PREFIX}${EMBEDDING}.lora_embedding_B`]: wave([16, 4]),
        [`${PREFIX}${EMBEDDING}.base_layer.weight`]: wave([40, 16]),
      },
      { target_modules: ["q_proj", "v_proj", "embed_tokens"] },
    ),
    changed: ["lm_head", EMBEDDING, ...USUAL],
  },
  {
    name: "column norms that are not the base's",
    code: "adapter.base-differs",
    says: /q_proj: the column norms.*delora_w_norm.*are not those of base/,
    tuned: adapter({
      config: { peft_type: "DELORA", target_modules: ["q_proj"], layers_to_transform: [0] },
      tensors: {
        [`${PREFIX}${Q}.delora_A`]: wave([4, 16]),
        [`${PREFIX}${Q}.delora_B`]: wave([16, 4]),
        [`${PREFIX}${Q}.delora_lambda`]: wave([1]),
        [`${PREFIX}${Q}.delora_w_norm`]: wave([16], 0.1, 1),
      },
    }),
    changed: [Q],
  },
  {
    name: "singular directions that are not the base's",
    code: "adapter.base-differs",
    says: /q_proj: tinylora_B·tinylora_A are not the leading singular directions of this matrix of base/,
    tuned: adapter({
      config: { peft_type: "TINYLORA", target_modules: ["q_proj"], layers_to_transform: [0] },
      tensors: {
        [`${PREFIX}${Q}.tinylora_A`]: wave([2, 16]),
        [`${PREFIX}${Q}.tinylora_B`]: wave([16, 2]),
        [`${PREFIX}${Q}.tinylora_P`]: wave([3, 2, 2]),
        "base_model.tinylora_v.0": wave([3]),
      },
    }),
    changed: [Q],
  },
  {
    name: "DoRA magnitudes far from the base's norms",
    code: "adapter.magnitudes-suspicious",
    says: /q_proj: the DoRA magnitudes are far from the base's row norms, .* The same was found at 4 of the 4 modules/,
    tuned: extended(
      Object.fromEntries(
        USUAL.map((name) => [
          `${PREFIX}${name}.lora_magnitude_vector`,
          wave([name.endsWith("v_proj") ? 8 : 16], 0.1, 5),
        ]),
      ),
      { use_dora: true },
    ),
  },
];
