/** Low-rank matrices of known singular values, cheap to add to a block of rows. */
import type { FillGaussian } from "./gaussian.ts";

/**
 * A sum of `rank` terms sⱼ·lⱼ·rⱼᵀ with unit vectors. The directions are dealt out to `groups`, and a column meets
 * only the directions of its own group (its number modulo `groups`), so that adding costs `slots` products an entry
 * instead of `rank`; the spectrum is the same.
 */
export interface LowRank {
  readonly groups: number;
  readonly slots: number;
  /** Rows × (groups · slots), strengths folded in. */
  readonly left: Float64Array;
  /** Columns × slots. */
  readonly right: Float64Array;
}

export interface LowRankSpec {
  readonly rows: number;
  readonly columns: number;
  /** Singular values, strongest first. */
  readonly strengths: readonly number[];
  readonly groups: number;
}

/** Multiplies column `column` of every `stride`-th row so that its Euclidean length becomes `length`. */
function scaleColumn(values: Float64Array, column: number, width: number, length: number, step = 1, first = 0): void {
  let squares = 0;
  const rows = values.length / width;
  for (let row = first; row < rows; row += step) squares += (values[row * width + column] as number) ** 2;
  const factor = squares > 0 ? length / Math.sqrt(squares) : 0;
  for (let row = first; row < rows; row += step)
    values[row * width + column] = (values[row * width + column] as number) * factor;
}

/** Random directions of exactly the given strengths. Different directions are only nearly orthogonal. */
export function randomLowRank(spec: LowRankSpec, fill: FillGaussian): LowRank {
  const { rows, columns, strengths, groups } = spec;
  const slots = Math.ceil(strengths.length / groups);
  const width = groups * slots;
  const left = new Float64Array(rows * width);
  const right = new Float64Array(columns * slots);
  fill(left, left.length, 1);
  fill(right, right.length, 1);
  for (let group = 0; group < groups; group++) {
    for (let slot = 0; slot < slots; slot++) {
      // Direction slot · groups + group: neighbours in strength stand in different groups.
      scaleColumn(left, group * slots + slot, width, strengths[slot * groups + group] ?? 0);
      scaleColumn(right, slot, slots, 1, groups, group);
    }
  }
  return { groups, slots, left, right };
}

/** Adds rows `firstRow …` of the low-rank matrix to a block of as many rows of `columns` entries. */
export function addLowRank(block: Float32Array, firstRow: number, rows: number, columns: number, part: LowRank): void {
  const { groups, slots, left, right } = part;
  for (let row = 0; row < rows; row++) {
    const leftRow = (firstRow + row) * groups * slots;
    const start = row * columns;
    for (let column = 0; column < columns; column++) {
      const leftAt = leftRow + (column % groups) * slots;
      const rightAt = column * slots;
      let sum = 0;
      for (let slot = 0; slot < slots; slot++)
        sum += (left[leftAt + slot] as number) * (right[rightAt + slot] as number);
      block[start + column] = (block[start + column] as number) + sum;
    }
  }
}
