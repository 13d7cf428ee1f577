/** The JSON files beside the weights, as transformers and peft write them. */
import { type Dtype, torchName } from "./dtype.ts";
import type { ModelShape } from "./shapes.ts";

/** config.json of a base model. */
export function modelConfig(shape: ModelShape, dtype: Dtype): object {
  const architecture = shape.family === "qwen2" ? "Qwen2ForCausalLM" : "Qwen3ForCausalLM";
  return {
    architectures: [architecture],
    attention_dropout: 0,
    ...(shape.family === "qwen3" ? { attention_bias: false, head_dim: shape.headSize } : {}),
    bos_token_id: Math.min(151_643, shape.vocabularySize - 1),
    eos_token_id: Math.min(151_643, shape.vocabularySize - 1),
    hidden_act: "silu",
    hidden_size: shape.hiddenSize,
    initializer_range: 0.02,
    intermediate_size: shape.intermediateSize,
    max_position_embeddings: shape.maxPositions,
    max_window_layers: shape.layers,
    model_type: shape.family,
    num_attention_heads: shape.heads,
    num_hidden_layers: shape.layers,
    num_key_value_heads: shape.keyValueHeads,
    rms_norm_eps: 1e-6,
    rope_theta: 1_000_000,
    sliding_window: null,
    tie_word_embeddings: shape.tiedEmbeddings,
    torch_dtype: torchName[dtype],
    use_cache: true,
    use_sliding_window: false,
    vocab_size: shape.vocabularySize,
  };
}

export interface AdapterSettings {
  readonly rank: number;
  readonly alpha: number;
  readonly targets: readonly string[];
  readonly baseName: string;
}

/** adapter_config.json of a plain LoRA adapter. */
export function adapterConfig(settings: AdapterSettings): object {
  return {
    alpha_pattern: {},
    auto_mapping: null,
    base_model_name_or_path: settings.baseName,
    bias: "none",
    exclude_modules: null,
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layer_replication: null,
    layers_pattern: null,
    layers_to_transform: null,
    loftq_config: {},
    lora_alpha: settings.alpha,
    lora_bias: false,
    lora_dropout: 0,
    megatron_config: null,
    megatron_core: "megatron.core",
    modules_to_save: null,
    peft_type: "LORA",
    r: settings.rank,
    rank_pattern: {},
    revision: null,
    target_modules: settings.targets,
    task_type: "CAUSAL_LM",
    use_dora: false,
    use_rslora: false,
  };
}
