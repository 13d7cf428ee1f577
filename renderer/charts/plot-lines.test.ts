import { expect, test } from "vitest";
import type { PlotAxis, PlotBox } from "./axis-helpers.ts";
import { linePath } from "./plot-lines.tsx";

const box: PlotBox = { width: 120, height: 70, left: 10, right: 10, top: 10, bottom: 10 };
const axis = (low: number, high: number, log: boolean): PlotAxis => ({
  domain: { low, high, log },
  ticks: [],
  format: String,
  caption: "",
});

test("both axes linear: from the lower left corner to the upper right one", () => {
  const points = [
    { x: 0, y: 0 },
    { x: 5, y: 0.5 },
    { x: 10, y: 1 },
  ];
  expect(linePath(points, axis(0, 10, false), axis(0, 1, false), box)).toBe("M10.0 60.0L60.0 35.0L110.0 10.0");
});

test("logarithmic axes; values without a place break the line", () => {
  const points = [
    { x: 1, y: 0.01 },
    { x: 10, y: 0.1 },
    { x: 20, y: 0 },
    { x: 30, y: Number.NaN },
    { x: 100, y: 1 },
  ];
  expect(linePath(points, axis(1, 100, true), axis(0.01, 1, true), box)).toBe("M10.0 60.0L60.0 35.0M110.0 10.0");
  expect(linePath([], axis(1, 2, false), axis(1, 2, false), box)).toBe("");
});
