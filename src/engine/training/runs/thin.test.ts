import { expect, test } from "vitest";
import { fc } from "../../../../test/builders/properties.ts";
import { thinned } from "./thin.ts";

const same = (value: number): number => value;

test("short series stay as they are", () => {
  expect(thinned([3, 1, 2], 3, same)).toEqual([3, 1, 2]);
});

test("long ones keep their order, both ends, and the largest and smallest value", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 11, maxLength: 500 }), (values) => {
      const points = values.map((value, index) => ({ value, index }));
      const kept = thinned(points, 10, ({ value }) => value);
      expect(kept.length).toBeLessThanOrEqual(10);
      expect(kept[0]).toBe(points[0]);
      expect(kept.at(-1)).toBe(points.at(-1));
      const places = kept.map(({ index }) => index);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      expect(Math.max(...kept.map(({ value }) => value))).toBe(Math.max(...values));
      expect(Math.min(...kept.map(({ value }) => value))).toBe(Math.min(...values));
    }),
  );
});
