import { expect, test } from "vitest";
import type { DeltaStatement } from "../../contract/domain/adapter.ts";
import type { TensorRef } from "../../contract/domain/tensor.ts";
import { estimateCost } from "./plan.ts";

const tensor = (shape: number[], dtype = "F32"): TensorRef => ({
  ...{ path: "a.safetensors", begin: 0, end: 0, fileSize: 0, mtimeNs: 0n },
  ...{ dtype, shape },
});

function memoryOf(delta: DeltaStatement): number {
  const role = { layer: 0, kind: "q_proj", expert: null, group: "attention" } as const;
  const pair = { name: "q", role, shape: [8, 8] as [number, number], base: undefined, delta };
  const runs = [{ analysis: "run", pair, rounding: undefined }];
  return estimateCost({ shape: [8, 8], runs, base: undefined }, 1).memoryBytes;
}

test("matrices of a formula count as they are read and as they are applied, only the part that is used", () => {
  const plain = memoryOf({ lowRank: [] });
  const large = { tensor: tensor([100, 4, 5]), shape: [100, 20] as [number, number] };
  const used = { start: 0, count: 10, step: 1 };
  const views = { large: { ...large, rows: used, columns: used }, vector: { tensor: tensor([7]), shape: [1, 7] } };
  const formula = { kind: "bases", shape: [8, 8], views, numbers: {} } as DeltaStatement["formula"] & object;
  expect(memoryOf({ formula }) - plain).toBe(2 * 8 * (10 * 10 + 7));
  const positions = { places: tensor([2, 6], "I32") };
  expect(memoryOf({ formula: { ...formula, positions } }) - plain).toBe(2 * 8 * (10 * 10 + 7 + 2 * 6));
});

test("FRoD takes its basis block by block, and holds factors of that size and the matrix", () => {
  const views = { source: { tensor: tensor([8, 8]) } };
  const formula = { kind: "joint", shape: [3, 8], views, numbers: {} } as DeltaStatement["formula"] & object;
  expect(memoryOf({ formula }) - memoryOf({ lowRank: [] })).toBe(8 * (8 * 8 + 3 * 8));
});

test("FourierFT holds waves for its coefficients, at most for each row or column", () => {
  const memory = (count: number) => {
    const views = { spectrum: { tensor: tensor([count]), shape: [1, count] as [number, number] } };
    const formula = { kind: "fourier", shape: [3, 8], views, numbers: {} } as DeltaStatement["formula"] & object;
    return memoryOf({ formula }) - memoryOf({ lowRank: [] });
  };
  expect(memory(2)).toBe(8 * (2 * 2 + 2 * 8 * 2));
  expect(memory(20)).toBe(8 * (2 * 20 + 2 * 8 * 3));
});
