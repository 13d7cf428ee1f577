/** The slow reference for edits: dense float64 matrices, full Jacobi SVDs, and files read byte by byte. */
import { readFileSync, statSync } from "node:fs";
import type { MatrixPair } from "../../src/contract/domain/pair.ts";
import type { TensorRef } from "../../src/contract/domain/tensor.ts";
import type { VectorTerm } from "../../src/engine/linalg/edit-backend.ts";
import { evaluateDelta, evaluateTuned, type Matrix, readView } from "./evaluate-statement.ts";
import { columnsOf, dot, type ThinSvd, thinSvd } from "./jacobi-svd.ts";

/** W0, ΔW and the singular triplets of W; the sign makes the largest entry of u positive. */
export interface PlainModule {
  base: Matrix;
  change: Matrix;
  svd: ThinSvd;
  left: Float64Array[];
  right: Float64Array[];
}

export function plainModule(pair: MatrixPair): PlainModule {
  if (pair.base === undefined) throw new Error(`${pair.name} has no base`);
  const [base, change] = [readView(pair.base), evaluateDelta(pair.delta, pair.base)];
  const svd = thinSvd(evaluateTuned(pair.delta, pair.base));
  const [left, right] = [columnsOf(svd.left), columnsOf(svd.right)];
  for (const [j, u] of left.entries()) {
    const largest = u.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
    if (largest < 0) for (const vector of [u, right[j] as Float64Array]) vector.set(vector.map((value) => -value));
  }
  return { base, change, svd, left, right };
}

/** weight·ΔW + Σ coefficient·u·vᵀ. */
export function plainChange(
  { change, left, right }: PlainModule,
  weight: number,
  vectors: readonly VectorTerm[],
): Matrix {
  const { rows, columns } = change;
  const data = change.data.map((value) => weight * value);
  for (const { index, coefficient } of vectors) {
    const [u, v] = [left[index] as Float64Array, right[index] as Float64Array];
    data.forEach((value, at) => {
      data[at] = value + coefficient * (u[Math.floor(at / columns)] as number) * (v[at % columns] as number);
    });
  }
  return { rows, columns, data };
}

export function plus(first: Matrix, second: Matrix, factor = 1): Matrix {
  return { ...first, data: first.data.map((value, i) => value + factor * (second.data[i] as number)) };
}

export function norm({ data }: Matrix): number {
  return Math.sqrt(dot(data, data));
}

/** left · right. */
export function multiply(left: Matrix, right: Matrix): Matrix {
  const data = new Float64Array(left.rows * right.columns);
  for (let i = 0; i < left.rows; i++) {
    for (let k = 0; k < left.columns; k++) {
      const factor = left.data[i * left.columns + k] as number;
      for (let j = 0; j < right.columns; j++) {
        data[i * right.columns + j] =
          (data[i * right.columns + j] as number) + factor * (right.data[k * right.columns + j] as number);
      }
    }
  }
  return { rows: left.rows, columns: right.columns, data };
}

/** Tensors of a file by name, read without the product's own reader. */
export function storedTensors(path: string): Map<string, TensorRef> {
  const raw = readFileSync(path);
  const start = 8 + Number(raw.readBigUInt64LE(0));
  const header = JSON.parse(raw.toString("utf8", 8, start)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const { size, mtimeNs } = statSync(path, { bigint: true });
  const entries = Object.entries(header).filter(([name]) => name !== "__metadata__");
  return new Map(
    entries.map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => {
        return [name, { path, begin: start + begin, end: start + end, dtype, shape, fileSize: Number(size), mtimeNs }];
      },
    ),
  );
}
