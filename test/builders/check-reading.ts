/** What must be true of every reading of an adapter, whatever its files say. */
import assert from "node:assert/strict";
import type { MatrixView } from "../../src/contract/domain/tensor.ts";
import type { AdapterReading } from "../../src/engine/adapter/family.ts";
import { elementCount } from "../../src/engine/adapter/modules.ts";

/** Throws where a matrix would be read outside of its tensor, or a scale is no number. */
export function checkReading(reading: AdapterReading): void {
  for (const view of viewsOf(reading)) checkInside(view);
  for (const { delta } of reading.matrices) {
    for (const { scale } of delta.lowRank ?? []) assert(Number.isFinite(scale), `the scale ${scale}`);
  }
}

function checkInside(view: MatrixView): void {
  const [height, width] = view.shape ?? (view.tensor.shape as [number, number]);
  assert(view.shape !== undefined || view.tensor.shape.length === 2, "a matrix without a shape");
  assert((view.offset ?? 0) + height * width <= elementCount(view.tensor), "the tensor ends before the matrix");
  for (const [stride, limit] of [
    [view.rows, height],
    [view.columns, width],
  ] as const) {
    if (stride === undefined) continue;
    assert(stride.count > 0 && stride.start + (stride.count - 1) * stride.step < limit, "rows beyond the matrix");
  }
}

function viewsOf({ matrices, vectors, evidence }: AdapterReading): MatrixView[] {
  const stated = [...matrices, ...evidence.flatMap(({ pairsWhenDifferent }) => pairsWhenDifferent ?? [])];
  const fromPairs = stated.flatMap(({ base, delta }) => [
    base,
    delta.replacement,
    delta.replacedRows?.values,
    delta.dora?.magnitude,
    ...(delta.lowRank ?? []).flatMap(({ left, right }) => [left, right]),
    ...Object.values(delta.formula?.views ?? {}),
  ]);
  const others = [
    ...vectors.flatMap((pair) => [pair.base, pair.mode === "stated" ? pair.delta.replacement : pair.tuned]),
    ...evidence.flatMap(({ first, second }) => [first, second]),
  ];
  return [...fromPairs, ...others].filter((view) => view !== undefined);
}
