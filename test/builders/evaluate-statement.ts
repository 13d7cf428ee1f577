/** The slow reference for delta statements: reads the views byte by byte and computes W′ and ΔW in plain float64 loops. */
import { closeSync, openSync, readSync } from "node:fs";
import type { DeltaStatement, LowRankTerm } from "../../src/contract/domain/adapter.ts";
import type { MatrixView, Stride, TensorRef } from "../../src/contract/domain/tensor.ts";

/** A dense matrix, row after row. */
export interface Matrix {
  rows: number;
  columns: number;
  data: Float64Array;
}

/** The tuned matrix W′ that a statement describes. Throws where the statement needs a base that is not there. */
export function evaluateTuned(statement: DeltaStatement, base: MatrixView | undefined): Matrix {
  const original = base === undefined ? undefined : readView(base);
  const start = statement.replacement === undefined ? original : readView(statement.replacement);
  if (start === undefined) throw new Error("this statement needs the base matrix");
  const sum = copyMatrix(start);
  if (statement.replacedRows !== undefined) writeRows(sum, statement.replacedRows);
  for (const term of statement.lowRank ?? []) addTerm(sum, term);
  if (statement.dora === undefined) return sum;
  return rescale(sum, statement.dora, original ?? start);
}

/** ΔW = W′ − W0. Low-rank statements are summed without the base, so that it may be left out. */
export function evaluateDelta(statement: DeltaStatement, base: MatrixView | undefined): Matrix {
  if (isLowRank(statement)) return sumTerms(statement.lowRank ?? []);
  if (base === undefined) throw new Error("this statement needs the base matrix");
  const tuned = evaluateTuned(statement, base);
  const original = readView(base);
  assertSameShape(tuned, original);
  for (let i = 0; i < tuned.data.length; i++) tuned.data[i] = at(tuned.data, i) - at(original.data, i);
  return tuned;
}

/** The values of a view, strides and transpose applied; a tensor with one axis is one row. */
export function readView(view: MatrixView): Matrix {
  const [height, width] = view.shape ?? lastAxes(view.tensor.shape);
  const rows = view.rows ?? { start: 0, count: height, step: 1 };
  const columns = view.columns ?? { start: 0, count: width, step: 1 };
  assertInside(rows, height);
  assertInside(columns, width);
  const values = readTensor(view.tensor);
  const offset = view.offset ?? 0;
  if (offset + height * width > values.length) throw new Error("the view leaves its tensor");
  const matrix = zeros(rows.count, columns.count);
  for (let i = 0; i < rows.count; i++) {
    for (let j = 0; j < columns.count; j++) {
      const source = offset + (rows.start + i * rows.step) * width + columns.start + j * columns.step;
      matrix.data[i * columns.count + j] = at(values, source);
    }
  }
  return view.transpose === true ? transposed(matrix) : matrix;
}

/** A matrix of zeros. */
export function zeros(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float64Array(rows * columns) };
}

function isLowRank(statement: DeltaStatement): boolean {
  const { replacement, replacedRows, dora, lowRank } = statement;
  return replacement === undefined && replacedRows === undefined && dora === undefined && (lowRank ?? []).length > 0;
}

function sumTerms(terms: readonly LowRankTerm[]): Matrix {
  const [first] = terms;
  if (first === undefined) throw new Error("a statement without terms has no shape of its own");
  const sum = zeros(readView(first.left).rows, readView(first.right).columns);
  for (const term of terms) addTerm(sum, term);
  return sum;
}

function addTerm(sum: Matrix, term: LowRankTerm): void {
  const left = readView(term.left);
  const right = readView(term.right);
  if (left.columns !== right.rows || left.rows !== sum.rows || right.columns !== sum.columns) {
    throw new Error(
      `(${left.rows}×${left.columns})·(${right.rows}×${right.columns}) is not ${sum.rows}×${sum.columns}`,
    );
  }
  for (let i = 0; i < sum.rows; i++) {
    for (let k = 0; k < left.columns; k++) {
      const factor = term.scale * at(left.data, i * left.columns + k);
      for (let j = 0; j < sum.columns; j++) {
        const target = i * sum.columns + j;
        sum.data[target] = at(sum.data, target) + factor * at(right.data, k * right.columns + j);
      }
    }
  }
}

function writeRows(matrix: Matrix, replaced: { indices: number[]; values: MatrixView }): void {
  const values = readView(replaced.values);
  if (values.rows !== replaced.indices.length || values.columns !== matrix.columns)
    throw new Error("row count differs");
  replaced.indices.forEach((row, i) => {
    if (row < 0 || row >= matrix.rows) throw new Error(`row ${row} of ${matrix.rows}`);
    matrix.data.set(values.data.subarray(i * values.columns, (i + 1) * values.columns), row * matrix.columns);
  });
}

function rescale(matrix: Matrix, dora: NonNullable<DeltaStatement["dora"]>, original: Matrix): Matrix {
  const current = norms(matrix, dora.axis);
  const wanted = dora.magnitude === undefined ? norms(original, dora.axis) : readView(dora.magnitude).data;
  if (wanted.length !== current.length) throw new Error(`${wanted.length} magnitudes for ${current.length} norms`);
  for (let i = 0; i < matrix.data.length; i++) {
    const index = dora.axis === "row" ? Math.floor(i / matrix.columns) : i % matrix.columns;
    matrix.data[i] = (at(matrix.data, i) * at(wanted, index)) / at(current, index);
  }
  return matrix;
}

function norms(matrix: Matrix, axis: "row" | "column"): Float64Array {
  const squares = new Float64Array(axis === "row" ? matrix.rows : matrix.columns);
  matrix.data.forEach((value, i) => {
    const index = axis === "row" ? Math.floor(i / matrix.columns) : i % matrix.columns;
    squares[index] = at(squares, index) + value * value;
  });
  return squares.map(Math.sqrt);
}

function transposed(matrix: Matrix): Matrix {
  const result = zeros(matrix.columns, matrix.rows);
  for (let i = 0; i < matrix.rows; i++) {
    for (let j = 0; j < matrix.columns; j++) result.data[j * matrix.rows + i] = at(matrix.data, i * matrix.columns + j);
  }
  return result;
}

function copyMatrix(matrix: Matrix): Matrix {
  return { ...matrix, data: matrix.data.slice() };
}

function lastAxes(shape: readonly number[]): [number, number] {
  return [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
}

function assertInside(stride: Stride, size: number): void {
  const last = stride.start + (stride.count - 1) * stride.step;
  if (stride.count < 1 || stride.step < 1 || last >= size) throw new Error(`positions up to ${last} of ${size}`);
}

function assertSameShape(first: Matrix, second: Matrix): void {
  if (first.rows !== second.rows || first.columns !== second.columns) {
    throw new Error(`${first.rows}×${first.columns} against ${second.rows}×${second.columns}`);
  }
}

/** Every element of a stored tensor in float64, without scales. */
function readTensor(tensor: TensorRef): Float64Array {
  const values = readStored(tensor);
  if (tensor.scale === undefined) return values;
  const [rows, columns] = lastAxes(tensor.shape);
  const { kind, block = [1, 1], tensor: stored } = tensor.scale;
  const [height, width] = { tensor: [rows, columns], row: [1, columns], block }[kind] as [number, number];
  const factors = readStored(stored);
  const across = Math.ceil(columns / width);
  const place = (i: number): number =>
    Math.floor(Math.floor(i / columns) / height) * across + Math.floor((i % columns) / width);
  return values.map((value, i) => value * at(factors, place(i)));
}

function readStored(tensor: TensorRef): Float64Array {
  const bytes = Buffer.alloc(tensor.end - tensor.begin);
  const file = openSync(tensor.path, "r");
  try {
    if (readSync(file, bytes, 0, bytes.length, tensor.begin) !== bytes.length) throw new Error("the file is too short");
  } finally {
    closeSync(file);
  }
  return decode(bytes, tensor.dtype);
}

function decode(bytes: Buffer, dtype: string): Float64Array {
  if (dtype === "F64") return Float64Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(i * 8));
  if (dtype === "F32") return Float64Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
  if (dtype === "BF16")
    return Float64Array.from({ length: bytes.length / 2 }, (_, i) => brainFloat(bytes.readUInt16LE(i * 2)));
  if (dtype === "F16")
    return Float64Array.from({ length: bytes.length / 2 }, (_, i) => halfFloat(bytes.readUInt16LE(i * 2)));
  if (dtype === "F8_E4M3") return Float64Array.from(bytes, eightBitFloat);
  if (dtype === "F8_E8M0") return Float64Array.from(bytes, (byte) => (byte === 255 ? Number.NaN : 2 ** (byte - 127)));
  throw new Error(`the slow reference does not read ${dtype}`);
}

function brainFloat(bits: number): number {
  const word = new DataView(new ArrayBuffer(4));
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function eightBitFloat(bits: number): number {
  const sign = bits & 0x80 ? -1 : 1;
  const exponent = (bits >> 3) & 0xf;
  const fraction = bits & 7;
  if (exponent === 0) return sign * fraction * 2 ** -9;
  if (exponent === 15 && fraction === 7) return Number.NaN;
  return sign * (1 + fraction / 8) * 2 ** (exponent - 7);
}

function at(values: Float64Array, index: number): number {
  return values[index] as number;
}
