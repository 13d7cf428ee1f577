/** Stacked experts, one tensor (experts, rows, columns): how many there may be, and the matrix of each. */
import type { MatrixView, QuantisationScale } from "../../contract/domain/tensor.ts";
import type { Tensor } from "./checkpoint.ts";

/** The largest published mixtures have some hundreds of experts; more than this is a damaged or hostile header. */
export const EXPERTS_MAXIMUM = 4096;
/** Most matrices of one checkpoint, as many as a file may have tensors: a small header can promise billions. */
export const MATRICES_MAXIMUM = 1_000_000;

/**
 * Why a stacked tensor (experts, rows, columns) is not taken apart, where at most `limit` matrices may still be made;
 * undefined when it is. Half of the rows may be a matrix of their own (gate over up).
 */
export function refuseExperts([experts = 0]: readonly number[], limit: number): string | undefined {
  if (experts > EXPERTS_MAXIMUM) return `${experts} experts; at most ${EXPERTS_MAXIMUM} are read`;
  if (2 * experts > limit) return `the checkpoint has more than ${MATRICES_MAXIMUM} matrices`;
  return undefined;
}

/** Names that transformers 5 gives such tensors, e.g. `model.layers.0.mlp.experts.gate_up_proj`. */
const STACK_NAME = /^.{1,400}\.experts\.[^.]{1,100}(?:\.weight)?$/;

/** Whether a tensor holds one matrix for each expert. */
export function isStackOfExperts({ name, shape }: Tensor): boolean {
  return shape.length === 3 && STACK_NAME.test(name);
}

/** One part of the rows of one expert's matrix: `part` of `parts` equal ones (gate over up). */
export function expertMatrix(tensor: Tensor, expert: number, part: number, parts: number): MatrixView {
  const [experts = 1, rows = 0, columns = 0] = tensor.shape;
  const count = rows / parts;
  if (tensor.scale === undefined) {
    return { tensor, offset: (expert * rows + part * count) * columns, shape: [count, columns] };
  }
  // Scales belong to whole matrices, so the expert becomes a tensor of its own: a range of the stack's bytes.
  const scale = scaleOfExpert(tensor.scale, expert, experts);
  const matrix = { ...sliceOf(tensor, expert, experts), scale };
  return parts === 1 ? { tensor: matrix } : { tensor: matrix, rows: { start: part * count, count, step: 1 } };
}

function scaleOfExpert(scale: QuantisationScale, expert: number, experts: number): QuantisationScale {
  const isShared = scale.tensor.shape[0] !== experts;
  return isShared ? scale : { ...scale, tensor: sliceOf(scale.tensor, expert, experts) };
}

function sliceOf<Slice extends Pick<Tensor, "begin" | "end" | "shape">>(
  whole: Slice,
  index: number,
  count: number,
): Slice {
  const bytes = (whole.end - whole.begin) / count;
  const begin = whole.begin + index * bytes;
  return { ...whole, begin, end: begin + bytes, shape: whole.shape.slice(1) };
}
