/** Tensors as the engine names them to the numeric crate: a byte range of a file, never the weights themselves. */
/** Element types that can be decoded; others appear in tensor tables but are never read. */
export const readableDtypes = ["F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"] as const;

/** A byte range of one file, with the file's size and time so that a change while reading is noticed. */
export interface TensorRef {
  path: string;
  /** First byte, counted from the start of the file. */
  begin: number;
  /** One past the last byte. */
  end: number;
  dtype: string;
  shape: number[];
  fileSize: number;
  mtimeNs: bigint;
  scale?: QuantisationScale;
}

/** How stored 8-bit values become weights: W = value · scale. */
export interface QuantisationScale {
  kind: "tensor" | "row" | "block";
  tensor: TensorRef;
  /** Rows and columns of one block, for `kind: "block"`. */
  block?: [number, number];
}

export interface Stride {
  start: number;
  count: number;
  step: number;
}

/** A rows × columns view of a tensor: an offset in elements, a 2-D shape, strides, and a transpose applied last. */
export interface MatrixView {
  tensor: TensorRef;
  offset?: number;
  shape?: [number, number];
  rows?: Stride;
  columns?: Stride;
  transpose?: boolean;
}
