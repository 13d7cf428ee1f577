/** Names and shapes of every tensor of a checkpoint, in the order in which the model declares them. */
import type { ModelShape } from "./shapes.ts";

export type TensorKind = "matrix" | "embedding" | "norm" | "bias";

export interface TensorPlan {
  readonly name: string;
  readonly kind: TensorKind;
  /** `[rows, columns]` of a matrix, `[length]` of a vector; a linear layer's rows are its outputs. */
  readonly shape: readonly [number] | readonly [number, number];
}

/** The projections of one layer: module path inside the layer, outputs, inputs. */
export function projections(shape: ModelShape): [path: string, outputs: number, inputs: number][] {
  const { hiddenSize, intermediateSize, heads, keyValueHeads, headSize } = shape;
  return [
    ["self_attn.q_proj", heads * headSize, hiddenSize],
    ["self_attn.k_proj", keyValueHeads * headSize, hiddenSize],
    ["self_attn.v_proj", keyValueHeads * headSize, hiddenSize],
    ["self_attn.o_proj", hiddenSize, heads * headSize],
    ["mlp.gate_proj", intermediateSize, hiddenSize],
    ["mlp.up_proj", intermediateSize, hiddenSize],
    ["mlp.down_proj", hiddenSize, intermediateSize],
  ];
}

const norm = (name: string, size: number): TensorPlan => ({ name, kind: "norm", shape: [size] });

/** Qwen2 has biases on q, k and v; Qwen3 has none but normalises queries and keys per head. */
function attentionVectors(shape: ModelShape, prefix: string): TensorPlan[] {
  if (shape.family === "qwen3") {
    return ["q_norm", "k_norm"].map((name) => norm(`${prefix}.self_attn.${name}.weight`, shape.headSize));
  }
  return projections(shape)
    .slice(0, 3)
    .map(([path, outputs]) => ({ name: `${prefix}.${path}.bias`, kind: "bias", shape: [outputs] }));
}

function layerTensors(shape: ModelShape, layer: number): TensorPlan[] {
  const prefix = `model.layers.${layer}`;
  const matrices = projections(shape).map(
    ([path, outputs, inputs]): TensorPlan => ({
      name: `${prefix}.${path}.weight`,
      kind: "matrix",
      shape: [outputs, inputs],
    }),
  );
  const norms = ["input_layernorm", "post_attention_layernorm"];
  return [
    ...matrices,
    ...attentionVectors(shape, prefix),
    ...norms.map((name) => norm(`${prefix}.${name}.weight`, shape.hiddenSize)),
  ];
}

/** Every tensor of the checkpoint; without embeddings, both the embedding and the head are left out. */
export function checkpointTensors(shape: ModelShape, embeddings: boolean): TensorPlan[] {
  const table = (name: string): TensorPlan => ({
    name,
    kind: "embedding",
    shape: [shape.vocabularySize, shape.hiddenSize],
  });
  const layers = Array.from({ length: shape.layers }, (_, layer) => layerTensors(shape, layer)).flat();
  return [
    ...(embeddings ? [table("model.embed_tokens.weight")] : []),
    ...layers,
    norm("model.norm.weight", shape.hiddenSize),
    ...(embeddings && !shape.tiedEmbeddings ? [table("lm_head.weight")] : []),
  ];
}

/** Number of entries of a tensor. */
export function entries(tensor: TensorPlan): number {
  return tensor.shape[0] * (tensor.shape[1] ?? 1);
}
