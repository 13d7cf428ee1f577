/** Checkpoints and adapters known by their headers only: names and shapes, no bytes behind them. */
import type { AdapterPackage, Checkpoint, Tensor } from "../../src/engine/checkpoint/checkpoint.ts";
import { familyOf } from "../../src/engine/checkpoint/families/families.ts";
import type { Source } from "../../src/engine/source/source.ts";

/** Shape, or shape and dtype, by stored name. */
export type Shapes = Record<string, number[] | { shape: number[]; dtype: string }>;

export interface HeaderCheckpoint {
  modelType?: string;
  tied?: boolean;
  quantised?: string;
  repository?: string;
}

/** The tensors of a Qwen2 layer stack: hidden 8, intermediate 12, key and value rows 4, vocabulary 20. */
export function layerShapes(layers: number, prefix = "model."): Shapes {
  const shapes: Shapes = { [`${prefix}embed_tokens.weight`]: [20, 8] };
  for (let layer = 0; layer < layers; layer++) {
    const at = `${prefix}layers.${layer}`;
    for (const [kind, rows] of Object.entries({ q_proj: 8, k_proj: 4, v_proj: 4 })) {
      shapes[`${at}.self_attn.${kind}.weight`] = [rows, 8];
      shapes[`${at}.self_attn.${kind}.bias`] = [rows];
    }
    shapes[`${at}.self_attn.o_proj.weight`] = [8, 8];
    shapes[`${at}.mlp.gate_proj.weight`] = [12, 8];
    shapes[`${at}.mlp.up_proj.weight`] = [12, 8];
    shapes[`${at}.mlp.down_proj.weight`] = [8, 12];
    shapes[`${at}.input_layernorm.weight`] = [8];
  }
  shapes[`${prefix}norm.weight`] = [8];
  return shapes;
}

/** A base whose tensors have canonical names already. */
export function headerCheckpoint(shapes: Shapes, options: HeaderCheckpoint = {}): Checkpoint {
  const { modelType = "qwen2", tied = false, quantised, repository = "Qwen/Qwen2.5-0.5B" } = options;
  const config = { ...NO_CONFIG, modelType, tied };
  return {
    kind: "full",
    source: headerSource("/models/base", repository),
    config,
    family: familyOf(config),
    tensors: tensorTable(shapes),
    tiedHead: tied,
    parameters: 0,
    dtype: "F32",
    quantised,
    dequantised: undefined,
    fingerprint: "base",
    alerts: [],
  };
}

/** A LoRA adapter; `config` is laid over rank 2 and alpha 4 on q_proj and v_proj. */
export function headerAdapter(config: Record<string, unknown> | string, shapes: Shapes): AdapterPackage {
  const text = typeof config === "string" ? config : JSON.stringify({ ...LORA, ...config });
  const parsed = JSON.parse(text) as Record<string, unknown>;
  return {
    kind: "adapter",
    source: headerSource("/adapters/mine", undefined),
    name: "mine",
    config: parsed,
    configBytes: Buffer.from(text),
    type: String(parsed.peft_type),
    tensors: tensorTable(shapes),
    parameters: 0,
    dtype: "F32",
    fingerprint: "adapter",
    alerts: [],
  };
}

const LORA = { peft_type: "LORA", task_type: "CAUSAL_LM", r: 2, lora_alpha: 4, target_modules: ["q_proj", "v_proj"] };

const NO_CONFIG = {
  architecture: undefined,
  layers: undefined,
  hiddenSize: undefined,
  vocabularySize: undefined,
  experts: undefined,
  quantisation: undefined,
  raw: {},
};

/** The factors of one module, by stored key. */
export function factorShapes(module: string, rows: number, columns: number, rank = 2): Shapes {
  const at = `base_model.model.${module}`;
  return { [`${at}.lora_A.weight`]: [rank, columns], [`${at}.lora_B.weight`]: [rows, rank] };
}

function headerSource(root: string, repository: string | undefined): Source {
  return { kind: "folder", location: root, root, repository, revision: undefined, files: [], single: undefined };
}

function tensorTable(shapes: Shapes): Map<string, Tensor> {
  const path = "/nowhere.safetensors";
  const entries = Object.entries(shapes).map(([name, value]): [string, Tensor] => {
    const { shape, dtype } = Array.isArray(value) ? { shape: value, dtype: "F32" } : value;
    return [name, { storedName: name, name, shape, dtype, path, begin: 0, end: 0, fileSize: 0, mtimeNs: 0n }];
  });
  return new Map(entries);
}
