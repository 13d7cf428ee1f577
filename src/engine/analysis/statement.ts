/** Questions about a stated delta that several steps ask. */
import type { DeltaStatement } from "../../contract/domain/adapter.ts";
import type { MatrixView } from "../../contract/domain/tensor.ts";

/** Whether ΔW is known from its factors alone, so that the base is not needed for it. */
export function isLowRankOnly(delta: DeltaStatement): boolean {
  return (
    delta.lowRank !== undefined &&
    delta.replacement === undefined &&
    delta.formula === undefined &&
    delta.replacedRows === undefined &&
    delta.dora === undefined
  );
}

/** Rows and columns of a view, its strides and its transpose applied. */
export function viewShape({ tensor, shape, rows, columns, transpose }: MatrixView): [number, number] {
  const [height, width] = shape ?? [tensor.shape.at(-2) ?? 1, tensor.shape.at(-1) ?? 1];
  const [count, breadth] = [rows?.count ?? height, columns?.count ?? width];
  return transpose ? [breadth, count] : [count, breadth];
}

/** Bytes that the matrices of a formula take: as they are read, and in the form in which they are applied. */
export function formulaBytes({ formula }: DeltaStatement): number {
  if (formula === undefined) return 0;
  const views = Object.values(formula.views).map(viewShape);
  const values = views.reduce((sum, [rows, columns]) => sum + rows * columns, 0);
  const lists = Object.values(formula.positions ?? {});
  const positions = lists.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  return 2 * Float64Array.BYTES_PER_ELEMENT * (values + positions);
}
