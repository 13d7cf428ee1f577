/** A slow, plain thin SVD by one-sided Jacobi rotations: the independent truth beside the native numerics. */
import type { Matrix } from "./evaluate-statement.ts";

export interface ThinSvd {
  /** out × p, columns are left singular vectors. */
  left: Matrix;
  /** p values, falling. */
  values: Float64Array;
  /** in × p, columns are right singular vectors. */
  right: Matrix;
}

const sweeps = 60;
const tolerance = 1e-15;

/** Nobody writes into a matrix whose SVD was asked for, or into that SVD. */
const known = new WeakMap<Matrix, ThinSvd>();

/**
 * Thin SVD of an m × n matrix in float64, p = min(m, n), computed once for each matrix. Cost grows as m·n²·sweeps: for
 * small matrices only.
 */
export function thinSvd(matrix: Matrix): ThinSvd {
  const found = known.get(matrix) ?? computed(matrix);
  known.set(matrix, found);
  return found;
}

function computed(matrix: Matrix): ThinSvd {
  if (matrix.rows < matrix.columns) {
    const { left, values, right } = computed(transpose(matrix));
    return { left: right, values, right: left };
  }
  const columns = columnsOf(matrix);
  const rotations = columnsOf(identity(matrix.columns));
  for (let sweep = 0; sweep < sweeps; sweep++) if (!rotateAllPairs(columns, rotations)) break;
  return sorted(columns, rotations, matrix.rows);
}

function rotateAllPairs(columns: Float64Array[], rotations: Float64Array[]): boolean {
  let rotated = false;
  for (let i = 0; i < columns.length; i++) {
    for (let j = i + 1; j < columns.length; j++) {
      const [a, b] = [columns[i] as Float64Array, columns[j] as Float64Array];
      const [aa, bb, ab] = [dot(a, a), dot(b, b), dot(a, b)];
      if (Math.abs(ab) <= tolerance * Math.sqrt(aa * bb) || ab === 0) continue;
      rotated = true;
      const zeta = (bb - aa) / (2 * ab);
      const tangent = Math.sign(zeta || 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
      const cosine = 1 / Math.hypot(1, tangent);
      rotate(a, b, cosine, cosine * tangent);
      rotate(rotations[i] as Float64Array, rotations[j] as Float64Array, cosine, cosine * tangent);
    }
  }
  return rotated;
}

function rotate(a: Float64Array, b: Float64Array, cosine: number, sine: number): void {
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    a[i] = cosine * x - sine * y;
    b[i] = sine * x + cosine * y;
  }
}

function sorted(columns: Float64Array[], rotations: Float64Array[], rows: number): ThinSvd {
  const norms = columns.map((column) => Math.sqrt(dot(column, column)));
  const order = norms.map((_, index) => index).sort((a, b) => (norms[b] as number) - (norms[a] as number));
  const unit = order.map((index) => {
    const norm = norms[index] as number;
    return (columns[index] as Float64Array).map((value) => (norm > 0 ? value / norm : 0));
  });
  return {
    left: fromColumns(unit, rows),
    values: Float64Array.from(order, (index) => norms[index] as number),
    right: fromColumns(
      order.map((index) => rotations[index] as Float64Array),
      rotations.length,
    ),
  };
}

/** Largest |cosine| of each of the first k columns of `vectors` with any column of `base`. */
export function bestCosines(base: Matrix, vectors: Matrix, k: number): Float64Array {
  const baseColumns = columnsOf(base);
  return Float64Array.from(columnsOf(vectors).slice(0, k), (vector) =>
    baseColumns.reduce((best, column) => Math.max(best, Math.abs(dot(column, vector))), 0),
  );
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

export function columnsOf(matrix: Matrix): Float64Array[] {
  return Array.from({ length: matrix.columns }, (_, j) =>
    Float64Array.from({ length: matrix.rows }, (_, i) => matrix.data[i * matrix.columns + j] as number),
  );
}

function fromColumns(columns: readonly Float64Array[], rows: number): Matrix {
  const data = new Float64Array(rows * columns.length);
  columns.forEach((column, j) => {
    for (let i = 0; i < rows; i++) data[i * columns.length + j] = column[i] as number;
  });
  return { rows, columns: columns.length, data };
}

function transpose(matrix: Matrix): Matrix {
  return fromColumns(
    Array.from({ length: matrix.rows }, (_, i) => matrix.data.slice(i * matrix.columns, (i + 1) * matrix.columns)),
    matrix.columns,
  );
}

function identity(size: number): Matrix {
  const data = new Float64Array(size * size);
  for (let i = 0; i < size; i++) data[i * size + i] = 1;
  return { rows: size, columns: size, data };
}
