/** The transformer layers of a dense Qwen2, Qwen2.5 or Qwen3 model as ONNX nodes; the residual stream is flat, [B·S, H]. */
import { addLinear, addNorm, addVector, type GraphContext, storedTensor } from "./graph-parts.ts";
import { ELEMENT } from "./model-writer.ts";
import { ropeTables } from "./rope.ts";
import type { Weight } from "./weights.ts";

/** Names of the values that the layers need beside the residual stream. */
interface Shared {
  /** [B, S] as a vector. */
  batchAndLength: string;
  lastIndex: string;
  totalLength: string;
  positions: string;
  bias: string;
}

/** Adds everything from the token ids to the final norm; returns the name of the hidden states [B·S, H]. */
export function addDecoder(context: GraphContext, embedding: Weight, positions: number): string {
  const { writer, shape, weights } = context;
  const ids = writer.input("input_ids", ELEMENT.INT64, ["B", "S"]);
  const shared = addShared(context, ids, positions);
  // Gathered in the stored dtype, so that only the rows that are used get widened.
  const rows = writer.node("Gather", [storedTensor(context, embedding), ids]);
  const wide = embedding.element === ELEMENT.FLOAT ? rows : writer.node("Cast", [rows], { to: ELEMENT.FLOAT });
  let stream = flatten(context, wide, shape.hidden);
  for (let layer = 0; layer < shape.layers; layer += 1) stream = addLayer(context, shared, stream, layer);
  return addNorm(context, stream, weights.get("model.norm.weight", [shape.hidden]));
}

function addShared({ writer, shape, packed }: GraphContext, ids: string, positions: number): Shared {
  const batchAndLength = writer.node("Shape", [ids]);
  const batch = writer.node("Slice", [batchAndLength, writer.integers(0), writer.integers(1)]);
  const length = writer.node("Slice", [batchAndLength, writer.integers(1), writer.integers(2)]);
  const last = writer.node("Cast", [writer.node("Sub", [length, writer.integers(1)])], { to: ELEMENT.INT32 });
  const tables = ropeTables(shape.rope, shape.headSize, positions);
  const size = [positions, shape.headSize / 2];
  writer.floats("rope_cos", size, () => tables.cos);
  writer.floats("rope_sin", size, () => tables.sin);
  return {
    batchAndLength,
    // Every row uses its whole padded length: under the causal mask padding on the right reaches no real token.
    lastIndex: writer.node("Expand", [last, batch]),
    totalLength: writer.node("Cast", [writer.node("Squeeze", [length])], { to: ELEMENT.INT32 }),
    positions: packed ? writer.input("position_ids", ELEMENT.INT64, ["B", "S"]) : "",
    bias: packed ? writer.input("attention_bias", ELEMENT.FLOAT, ["B", 1, "S", "S"]) : "",
  };
}

function addLayer(context: GraphContext, shared: Shared, stream: string, layer: number): string {
  const { writer, shape, weights } = context;
  const name = `model.layers.${layer}`;
  const { hidden, intermediate } = shape;
  const normed = addNorm(context, stream, weights.get(`${name}.input_layernorm.weight`, [hidden]));
  const attention = addAttention(context, shared, normed, layer);
  const [second, residual] = [writer.fresh("normed"), writer.fresh("residual")];
  const weight = addVector(context, weights.get(`${name}.post_attention_layernorm.weight`, [hidden]));
  const outputs = [second, "", "", residual];
  const epsilon = { float: shape.epsilon };
  writer.microsoft("SkipSimplifiedLayerNormalization", [stream, attention, weight], { epsilon }, outputs);
  const gate = addLinear(context, second, `${name}.mlp.gate_proj`, [intermediate, hidden], false);
  const up = addLinear(context, second, `${name}.mlp.up_proj`, [intermediate, hidden], false);
  // QuickGelu with alpha 1 is SiLU exactly.
  const active = writer.node("Mul", [writer.microsoft("QuickGelu", [gate], { alpha: { float: 1 } }), up]);
  const down = addLinear(context, active, `${name}.mlp.down_proj`, [hidden, intermediate], false);
  return writer.node("Add", [residual, down]);
}

function addAttention(context: GraphContext, shared: Shared, normed: string, layer: number): string {
  const { writer, shape } = context;
  const { hidden, heads, keyValueHeads, headSize, queryKeyValueBias } = shape;
  const name = `model.layers.${layer}.self_attn`;
  const [wide, narrow] = [heads * headSize, keyValueHeads * headSize];
  const query = addLinear(context, normed, `${name}.q_proj`, [wide, hidden], queryKeyValueBias);
  const key = addLinear(context, normed, `${name}.k_proj`, [narrow, hidden], queryKeyValueBias);
  const value = addLinear(context, normed, `${name}.v_proj`, [narrow, hidden], queryKeyValueBias);
  const attended = writer.fresh("attended");
  writer.microsoft(
    "GroupQueryAttention",
    [
      addHeads(context, shared, query, heads, `${name}.q_norm.weight`),
      addHeads(context, shared, key, keyValueHeads, `${name}.k_norm.weight`),
      unflatten(context, shared, value, narrow),
      "",
      "",
      shared.lastIndex,
      shared.totalLength,
      ...(context.packed ? ["", "", "", shared.bias] : ["rope_cos", "rope_sin"]),
    ],
    {
      num_heads: heads,
      kv_num_heads: keyValueHeads,
      scale: { float: 1 / Math.sqrt(headSize) },
      do_rotary: context.packed ? 0 : 1,
      rotary_interleaved: 0,
      local_window_size: shape.windows[layer] ?? -1,
    },
    // The kernel insists on its two caches as outputs.
    [attended, writer.fresh("present_key"), writer.fresh("present_value")],
  );
  return addLinear(context, flatten(context, attended, wide), `${name}.o_proj`, [hidden, wide], shape.outputBias);
}

/** Queries or keys as [B, S, heads · size]: normalised per head for Qwen3, rotated here when rows are packed. */
function addHeads(context: GraphContext, shared: Shared, flat: string, heads: number, norm: string): string {
  const { writer, shape, weights, packed } = context;
  const { headSize } = shape;
  let result = unflatten(context, shared, flat, heads, headSize);
  if (shape.queryKeyNorm) result = addNorm(context, result, weights.get(norm, [headSize]));
  result = writer.node("Reshape", [result, writer.integers(0, 0, heads * headSize)]);
  if (!packed) return result;
  // The attention kernel reads only the first of its own position ids.
  const inputs = [result, shared.positions, "rope_cos", "rope_sin"];
  return writer.microsoft("RotaryEmbedding", inputs, { interleaved: 0 });
}

function flatten({ writer }: GraphContext, value: string, width: number): string {
  return writer.node("Reshape", [value, writer.integers(-1, width)]);
}

function unflatten({ writer }: GraphContext, shared: Shared, value: string, ...sizes: number[]): string {
  const target = writer.node("Concat", [shared.batchAndLength, writer.integers(...sizes)], { axis: 0 });
  return writer.node("Reshape", [value, target]);
}
