import { expect, test } from "vitest";
import type { DeltaStatement } from "../../contract/domain/adapter.ts";
import type { TensorRef } from "../../contract/domain/tensor.ts";
import { estimateCost, planUnits, summarizePlan } from "./plan.ts";

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

/** A LoRA of one matrix of the shape [rows, columns]. */
function lora(rows: number, columns: number, rank: number): DeltaStatement {
  const [left, right] = [{ tensor: tensor([rows, rank]) }, { tensor: tensor([rank, columns]) }];
  return { lowRank: [{ left, right, scale: 1 }] };
}

test("runs whose factors do not fit the memory together are units of their own, each run once and in its order", async () => {
  const role = { layer: 0, kind: "gate_proj", expert: null, group: "mlp" } as const;
  const shape: [number, number] = [6144, 1024];
  const matrix = { name: "gate", role, shape, base: { tensor: tensor(shape) }, delta: lora(6144, 1024, 512) };
  const runs = Array.from({ length: 8 }, (_, index) => ({
    ...{ analysis: `run-${index}`, rounding: undefined, matrices: [matrix] },
  }));
  const whole = await planUnits(runs, 1);
  expect(whole.map((unit) => unit.runs.length)).toEqual([8]);
  // Eight runs were measured to take 1.7 GB, one 0.3 GB.
  expect(whole[0]?.cost.memoryBytes).toBeGreaterThan(1.6e9);
  const parts = await planUnits(runs, 1, 1e9);
  expect(parts.every(({ cost }) => cost.memoryBytes <= 1e9)).toBe(true);
  expect(parts.map((unit) => unit.runs.length)).toEqual([4, 4]);
  expect(parts.flatMap((unit) => unit.runs.map(({ analysis }) => analysis))).toEqual(runs.map((run) => run.analysis));
  const peak = (memoryBytes: number) => summarizePlan(parts, 0, { threads: 2, memoryBytes }).peakMemoryBytes;
  const [first, second] = parts.map(({ cost }) => cost.memoryBytes) as [number, number];
  expect([peak(1e9), peak(4e9)]).toEqual([Math.max(first, second), first + second]);
  // Too little for the base: what the runs hold is still bounded, and few runs stay together.
  const small = runs.map((run) => ({ ...run, matrices: [{ ...matrix, delta: lora(6144, 1024, 16) }] }));
  expect(await planUnits(small, 1, 1)).toHaveLength(1);
});

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
