import { expect, test } from "vitest";
import type { TheoryMeasured } from "./measure.ts";
import { theoryRows } from "./table.ts";

const measured: TheoryMeasured = { product: 2, reference: 120, numpy: "2", difference: 1.5, curve: 0.004, map: 3 };

test("each goal is held against what was measured", () => {
  const rows = theoryRows(measured);
  expect(rows.map(({ met }) => met)).toEqual([true, true, true, false]);
  expect(rows[0]?.measured).toBe("60 × (2.00 s against 120 s)");
  expect(theoryRows({ ...measured, product: 13 })[0]?.met).toBe(false);
  expect(theoryRows({ ...measured, difference: 4.1 })[1]?.met).toBe(false);
});

test("without numpy the ratio stays open", () => {
  const rows = theoryRows({ ...measured, reference: undefined, numpy: undefined, difference: undefined });
  expect(rows.map(({ met }) => met)).toEqual([undefined, true, false]);
});
