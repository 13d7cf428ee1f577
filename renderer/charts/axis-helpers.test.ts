import { expect, test } from "vitest";
import { fc } from "../../test/builders/properties.ts";
import {
  indexTicks,
  layerTicks,
  logDomain,
  type PlotAxis,
  spectrumIndices,
  spreadLabels,
  xPosition,
  yPosition,
} from "./axis-helpers.ts";

test("a spectrum of any length gives at most 160 rising indices from first to last", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), (length) => {
      const indices = spectrumIndices(length);
      expect(indices.length).toBeLessThanOrEqual(160);
      expect(indices[0]).toBe(0);
      expect(indices.at(-1)).toBe(length - 1);
      for (let i = 1; i < indices.length; i += 1) expect(indices[i]).toBeGreaterThan(indices[i - 1] ?? 0);
    }),
  );
});

test("the head of a long spectrum is drawn whole", () => {
  expect(spectrumIndices(2048).slice(0, 40)).toEqual(Array.from({ length: 40 }, (_, index) => index));
});

test.each([
  [2048, [1, 4, 16, 64, 256, 1024]],
  [128, [1, 4, 16, 64]],
  [16, [1, 2, 4, 8, 16]],
  [1, [1]],
])("index ticks to %i", (last, ticks) => {
  expect(indexTicks(last)).toEqual(ticks);
});

test("a domain ignores zeros, NaN and infinity", () => {
  expect(logDomain([0, 2, Number.NaN, 8, Number.POSITIVE_INFINITY, -1], 2)).toEqual({ low: 1, high: 16, log: true });
  expect(logDomain([0, Number.NaN])).toBeUndefined();
});

test.each([
  [0, 35, [0, 4, 8, 12, 16, 20, 24, 28, 32, 35]],
  [0, 3, [0, 1, 2, 3]],
  [0, 0, [0]],
  [0, 23, [0, 4, 8, 12, 16, 20, 23]],
  [0, 32, [0, 4, 8, 12, 16, 20, 24, 28, 32]],
  [0, 33, [0, 4, 8, 12, 16, 20, 24, 28, 33]],
])("layer ticks %i to %i", (first, last, ticks) => {
  expect(layerTicks(first, last)).toEqual(ticks);
});

test("pixels of values", () => {
  const box = { width: 220, height: 130, left: 10, right: 10, top: 20, bottom: 10 };
  const log: PlotAxis = { domain: { low: 1, high: 100, log: true }, ticks: [], format: String, caption: "" };
  const linear: PlotAxis = { ...log, domain: { low: 0, high: 10, log: false } };
  expect([1, 10, 100, 0].map((value) => xPosition(log, box, value))).toEqual([10, 110, 210, 10]);
  expect([0, 2.5, 10].map((value) => yPosition(linear, box, value))).toEqual([120, 95, 20]);
});

test("labels spread without leaving the range or changing order", () => {
  expect(spreadLabels([50, 52, 10], 16, 0, 100)).toEqual([50, 66, 10]);
  expect(spreadLabels([95, 96, 97], 16, 0, 100)).toEqual([68, 84, 100]);
});
