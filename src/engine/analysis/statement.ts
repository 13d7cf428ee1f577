/** Questions about a stated delta that several steps ask. */
import type { DeltaFormula, DeltaStatement } from "../../contract/domain/adapter.ts";
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

/**
 * Bytes that the matrices of a formula take: as they are read, and in the form in which they are applied. The source
 * of a formula is read block by block.
 */
function formulaBytes({ formula }: DeltaStatement): number {
  if (formula === undefined) return 0;
  const { source: _, ...views } = formula.views;
  const values = Object.values(views)
    .map(viewShape)
    .reduce((sum, [rows, columns]) => sum + rows * columns, 0);
  const lists = Object.values(formula.positions ?? {});
  const positions = lists.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  return Float64Array.BYTES_PER_ELEMENT * (2 * (values + positions) + derivedValues(formula));
}

/** Copies of factors, each of 8 bytes a value, that a unit holds per run: read, joined, decomposed (measured). */
const factorCopies = 7;

/** Bytes that a run's factors and formula take as long as its unit is computed. */
export function heldBytes(delta: DeltaStatement): number {
  const values = (delta.lowRank ?? []).reduce((sum, { left, right }) => {
    const [rows, rank] = viewShape(left);
    return sum + rank * (rows + viewShape(right)[1]);
  }, 0);
  return Float64Array.BYTES_PER_ELEMENT * factorCopies * values + formulaBytes(delta);
}

/** Values held that are no copies: for FRoD the factors of V and the matrix changed, for FourierFT its waves. */
function derivedValues({ kind, shape: [rows, columns], views }: DeltaFormula): number {
  if (kind === "joint") return columns * (columns + Math.min(rows, columns));
  if (kind !== "fourier" || views.spectrum === undefined) return 0;
  return 2 * columns * Math.min(rows, columns, viewShape(views.spectrum)[1]);
}
