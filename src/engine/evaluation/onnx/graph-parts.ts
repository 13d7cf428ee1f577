/** What the parts of a scoring graph are made of: weights, linear layers with room for low-rank factors, norms. */
import type { ModelShape } from "./model-shape.ts";
import { ELEMENT, type ModelWriter } from "./model-writer.ts";
import { readVector, type Weight, type Weights } from "./weights.ts";

/** A linear layer that takes low-rank factors `<module>.A` [r, in] and `<module>.B` [out, r]. */
export interface FactorInput {
  module: string;
  inputs: number;
  outputs: number;
}

/** What all parts of a graph under construction share. */
export interface GraphContext {
  writer: ModelWriter;
  shape: ModelShape;
  weights: Weights;
  /** Rows are trees of tokens; see rows.ts. */
  packed: boolean;
  /** Modules that get low-rank inputs, and those that got them so far. */
  wanted: ReadonlySet<string>;
  factors: FactorInput[];
}

type Size = readonly [outputs: number, inputs: number];

/** x Wᵀ + b, and (x Aᵀ) Bᵀ on top for the modules that take factors. */
export function addLinear(context: GraphContext, input: string, module: string, size: Size, bias: boolean): string {
  const { writer, weights, wanted, factors } = context;
  const [outputs, inputs] = size;
  const weight = weights.get(`${module}.weight`, size);
  const operands = [input, widened(context, storedTensor(context, weight), weight)];
  if (bias) operands.push(addVector(context, weights.get(`${module}.bias`, [outputs])));
  const result = writer.node("Gemm", operands, { transB: 1 });
  if (!wanted.has(module)) return result;
  factors.push({ module, inputs, outputs });
  // A rank name of its own for each module: with a shared one, mixed ranks fail in the runtime's buffer planning.
  const rank = `rank_${module}`;
  const a = writer.input(`${module}.A`, ELEMENT.FLOAT, [rank, inputs]);
  const b = writer.input(`${module}.B`, ELEMENT.FLOAT, [outputs, rank]);
  return writer.node("Gemm", [writer.node("Gemm", [input, a], { transB: 1 }), b, result], { transB: 1 });
}

export function addNorm(context: GraphContext, input: string, weight: Weight): string {
  const attributes = { axis: -1, epsilon: { float: context.shape.epsilon }, stash_type: 1 };
  return context.writer.node("SimplifiedLayerNormalization", [input, addVector(context, weight)], attributes);
}

export function addVector({ writer }: GraphContext, weight: Weight): string {
  return writer.floats(weight.name, weight.shape, () => readVector(weight));
}

/** The tensor in its own dtype, left in its file. */
export function storedTensor({ writer, weights }: GraphContext, weight: Weight): string {
  return writer.external(weight.name, weight.element, weight.shape, weights.range(weight));
}

/**
 * Widened to float32 when the graph runs. The Casts stand before all other nodes: then the runtime runs each right
 * before its consumer, otherwise all of them at once, and every weight would be held in float32.
 */
export function widened({ writer }: GraphContext, stored: string, weight: Weight): string {
  if (weight.element === ELEMENT.FLOAT) return stored;
  return writer.node("Cast", [stored], { to: ELEMENT.FLOAT }, { outputs: [`${stored}.f32`], first: true });
}
