/** Configurations and tensor tables that nobody writes: a reading within its tensors, or an error of the closed list. */

import { expect, test } from "vitest";
import { checkReading } from "../../../test/builders/check-reading.ts";
import { finish } from "../../../test/builders/finish.ts";
import { factorShapes, headerAdapter, headerCheckpoint, layerShapes } from "../../../test/builders/headers.ts";
import { fc } from "../../../test/builders/properties.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { readAdapter, summarizeAdapter } from "./adapter.ts";

const MLP = "model.layers.0.mlp";
const BASE = {
  ...layerShapes(2),
  [`${MLP}.experts.gate_up_proj`]: [2, 12, 8],
  [`${MLP}.experts.down_proj`]: [2, 8, 6],
};

const modules = [
  ...["model.layers.0.self_attn.q_proj", "model.layers.1.mlp.down_proj", "model.embed_tokens", "lm_head", "model.norm"],
  ...[`${MLP}.experts`, `${MLP}.experts.base_layer`, `${MLP}.experts.1.up_proj`, "visual.x", "__proto__", ""],
];
const parts = [
  ...["lora_A.weight", "lora_B.weight", "lora_B.bias", "lora_embedding_A", "lora_embedding_B", "lora_magnitude_vector"],
  ...[
    "weight",
    "bias",
    "base_layer.weight",
    "base_layer.bias",
    "token_adapter.trainable_tokens_delta",
    "lora_A.x.weight",
  ],
];
const size = fc.constantFrom(0, 1, 2, 4, 6, 8, 12, 20, 21);
const shape = fc.array(size, { maxLength: 3 });
const key = fc
  .tuple(fc.constantFrom("base_model.model.", ""), fc.constantFrom(...modules), fc.constantFrom(...parts))
  .map(([prefix, module, part]) => `${prefix}${module}.${part}`);
/** Something that fits, with a few entries changed or added. */
const FITTING = {
  ...factorShapes("model.layers.0.self_attn.q_proj", 8, 8),
  ...factorShapes(`${MLP}.experts`, 8, 6, 4),
  "base_model.model.model.embed_tokens.lora_embedding_A": [2, 20],
  "base_model.model.model.embed_tokens.lora_embedding_B": [8, 2],
  "base_model.model.lm_head.base_layer.weight": [20, 8],
  "base_model.model.model.norm.weight": [8],
};
const tensors = fc.dictionary(key, shape, { maxKeys: 3 }).map((odd) => ({ ...FITTING, ...odd }));

const name = fc.constantFrom(
  "q_proj",
  "down_proj",
  "embed_tokens",
  "lm_head",
  "norm",
  "up_proj",
  ".*",
  "(",
  "(?=a)",
  "mlp",
  "",
);
const pattern = fc.dictionary(fc.oneof(name, fc.string()), fc.oneof(fc.constantFrom(1, 2, 4), fc.jsonValue()));
const oddities = fc.record(
  {
    r: fc.oneof(fc.constantFrom(1, 2, 4), fc.jsonValue()),
    lora_alpha: fc.oneof(fc.constantFrom(0, 1.5, 8), fc.jsonValue()),
    target_modules: fc.oneof(fc.array(name), name, fc.constant("all-linear"), fc.jsonValue()),
    exclude_modules: fc.oneof(fc.array(name), name, fc.jsonValue()),
    modules_to_save: fc.oneof(fc.array(name), fc.jsonValue()),
    target_parameters: fc.oneof(fc.constant(["gate_up_proj", "down_proj", "q_proj.weight"]), fc.jsonValue()),
    layers_to_transform: fc.oneof(fc.array(fc.nat(3)), fc.nat(3), fc.jsonValue()),
    layers_pattern: fc.oneof(name, fc.array(name), fc.jsonValue()),
    rank_pattern: fc.oneof(pattern, fc.jsonValue()),
    alpha_pattern: fc.oneof(pattern, fc.jsonValue()),
    trainable_token_indices: fc.oneof(fc.array(fc.nat(25)), fc.dictionary(name, fc.array(fc.nat(25))), fc.jsonValue()),
    layer_replication: fc.oneof(fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { maxLength: 3 }), fc.jsonValue()),
    use_dora: fc.boolean(),
    lora_bias: fc.boolean(),
    use_rslora: fc.boolean(),
    ensure_weight_tying: fc.boolean(),
    bias: fc.constantFrom("none", "all", "lora_only"),
    task_type: fc.constantFrom("CAUSAL_LM", "FEATURE_EXTRACTION"),
    init_lora_weights: fc.oneof(fc.boolean(), fc.jsonValue()),
  },
  { requiredKeys: [] },
);

/** Two oddities at most, so that many configurations still open. */
const config = fc.tuple(oddities, fc.nat(), fc.nat()).map(([odd, first, second]) => {
  const entries = Object.entries(odd);
  return Object.fromEntries(
    [first, second].flatMap((place) => entries.slice(place % (entries.length + 1)).slice(0, 1)),
  );
});

function onlyKnownErrors<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof DeltaScopeError) || thrown.code === "internal") throw thrown;
    return undefined;
  }
}

test.each([false, true])("any configuration on any tensors, tied: %s", (tied) => {
  const base = headerCheckpoint(BASE, { tied, modelType: "qwen3_moe" });
  let readings = 0;
  fc.assert(
    fc.property(config, tensors, (settings, shapes) => {
      const adapter = headerAdapter(settings, shapes);
      onlyKnownErrors(() => finish(summarizeAdapter(adapter)));
      const reading = onlyKnownErrors(() => finish(readAdapter(adapter, base)));
      if (reading === undefined) return;
      readings++;
      checkReading(reading);
    }),
    { numRuns: 2000, seed: 7 },
  );
  expect(readings).toBeGreaterThan(200);
});
