import { expect, test } from "vitest";
import { colourPixels, columnTicks, cosineAt, decodeCosines, pixelColumns, strongestColumn } from "./cosine-values.ts";

const numbers = [0, 0.25, 0.5, 1, 0.125, 0.75];
const base64 = Buffer.from(Float32Array.from(numbers).buffer).toString("base64");

test("float32 comes back bit by bit", () => {
  expect([...decodeCosines(base64, 2, 3)]).toEqual(numbers);
});

test("a map of another size is refused", () => {
  expect(() => decodeCosines(base64, 3, 3)).toThrow("24 bytes instead of 36");
});

test("rows and columns", () => {
  const cells = { values: Float32Array.from(numbers), rows: 2, stride: 3, columns: 3 };
  expect(cosineAt(cells, 1, 0)).toBe(1);
  expect(strongestColumn(cells, 0)).toBe(2);
  expect(strongestColumn({ ...cells, columns: 2 }, 0)).toBe(1);
});

test("a single match survives any thinning", () => {
  const values = new Float32Array(2048);
  values[1001] = 0.9;
  const { values: thin, width } = pixelColumns({ values, rows: 1, stride: 2048, columns: 2048 }, 300);
  expect(width).toBe(300);
  expect(Math.max(...thin)).toBeCloseTo(0.9, 6);
  expect(thin.indexOf(Math.max(...thin))).toBe(Math.floor((1001 * 300) / 2048));
});

test("fewer columns than pixels stay as they are", () => {
  const cells = { values: Float32Array.from(numbers), rows: 2, stride: 3, columns: 2 };
  expect([...pixelColumns(cells, 640).values]).toEqual([0, 0.25, 1, 0.125]);
});

test("colours by table, ends included", () => {
  const table = Array.from({ length: 256 }, (_, index) => `#${index.toString(16).padStart(2, "0")}0a14`);
  expect([...colourPixels(Float32Array.from([0, 1, 2]), table)]).toEqual([
    0, 10, 20, 255, 255, 10, 20, 255, 255, 10, 20, 255,
  ]);
});

test.each([
  [128, [1, 16, 32, 48, 64, 80, 96, 112, 128]],
  [2048, [1, 256, 512, 768, 1024, 1280, 1536, 1792, 2048]],
  [3, [1, 2, 3]],
  [1, [1]],
])("ticks under %i columns", (columns, ticks) => {
  expect(columnTicks(columns)).toEqual(ticks);
});
