/** Numbers of a cosine map: from the wire to pixels. Pure. */
import { tableIndex } from "./colour.ts";

/** Little-endian float32 in base64, as the contract carries it; a wrong length is an error. */
export function decodeCosines(base64: string, rows: number, columns: number): Float32Array {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  if (bytes.byteLength !== rows * columns * 4) {
    throw new Error(`The map holds ${bytes.byteLength} bytes instead of ${rows * columns * 4}.`);
  }
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: rows * columns }, (_, index) => view.getFloat32(index * 4, true));
}

export interface CosineCells {
  values: Float32Array;
  rows: number;
  /** Columns of the array. */
  stride: number;
  /** Columns that are shown, from the first. */
  columns: number;
}

/** |cosine| of a row and a column. */
export function cosineAt({ values, stride }: CosineCells, row: number, column: number): number {
  return values[row * stride + column] ?? 0;
}

/** Column of the largest |cosine| of a row among the shown ones. */
export function strongestColumn(cells: CosineCells, row: number): number {
  let best = 0;
  for (let column = 1; column < cells.columns; column += 1) {
    if (cosineAt(cells, row, column) > cosineAt(cells, row, best)) best = column;
  }
  return best;
}

/**
 * One number per pixel: where more columns are shown than there are pixels, each pixel takes the largest of its
 * columns, so that a narrow match never falls between two pixels.
 */
export function pixelColumns(cells: CosineCells, pixels: number): { values: Float32Array; width: number } {
  const width = Math.max(1, Math.min(cells.columns, Math.floor(pixels)));
  const values = new Float32Array(cells.rows * width);
  for (let row = 0; row < cells.rows; row += 1) {
    for (let column = 0; column < cells.columns; column += 1) {
      const at = row * width + Math.floor((column * width) / cells.columns);
      values[at] = Math.max(values[at] ?? 0, cosineAt(cells, row, column));
    }
  }
  return { values, width };
}

/** RGBA bytes through a table of 256 colours "#rrggbb". */
export function colourPixels(values: Float32Array, table: readonly string[]): Uint8ClampedArray<ArrayBuffer> {
  const colours = table.map((hex) => Number.parseInt(hex.slice(1), 16));
  const bytes = new Uint8ClampedArray(values.length * 4);
  for (const [index, value] of values.entries()) {
    const colour = colours[tableIndex(value)] ?? 0;
    bytes[index * 4] = colour >> 16;
    bytes[index * 4 + 1] = (colour >> 8) & 255;
    bytes[index * 4 + 2] = colour & 255;
    bytes[index * 4 + 3] = 255;
  }
  return bytes;
}

/** Column numbers under the map: 1, then every eighth part. */
export function columnTicks(columns: number): number[] {
  const step = Math.max(1, Math.ceil(columns / 8));
  const ticks = [1];
  for (let tick = step; tick < columns; tick += step) if (tick > 1) ticks.push(tick);
  if (columns > 1) ticks.push(columns);
  return ticks;
}
