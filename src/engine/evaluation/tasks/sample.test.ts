import { expect, test } from "vitest";
import { fc } from "../../../../test/builders/properties.ts";
import { sampleItems } from "./sample.ts";

const contents = Array.from({ length: 200 }, (_, index) => `item ${index}`);

test("a smaller sample is part of a larger one, in the order of the file", () => {
  const size = fc.integer({ min: 1, max: 250 });
  fc.assert(
    fc.property(size, size, fc.nat(), (a, b, seed) => {
      const small = sampleItems(contents, Math.min(a, b), seed);
      const large = sampleItems(contents, Math.max(a, b), seed);
      expect(small).toHaveLength(Math.min(a, b, 200));
      expect(large).toEqual([...large].sort((x, y) => x - y));
      expect(new Set(large).size).toBe(large.length);
      for (const place of small) expect(large).toContain(place);
    }),
  );
});

test("another seed draws other items; the same items are drawn from a file in another order", () => {
  const drawn = (list: string[], seed: number) => sampleItems(list, 50, seed).map((place) => list[place]);
  expect(drawn(contents, 1)).not.toEqual(drawn(contents, 2));
  expect(new Set(drawn([...contents].reverse(), 1))).toEqual(new Set(drawn(contents, 1)));
});

test("every item is equally likely", () => {
  const counts = contents.map(() => 0);
  for (let seed = 0; seed < 400; seed++)
    for (const place of sampleItems(contents, 50, seed)) counts[place] = (counts[place] ?? 0) + 1;
  // 400 draws with probability 1/4: mean 100, standard deviation 8.7; five of these hold for all 200 places.
  expect(Math.min(...counts)).toBeGreaterThan(56);
  expect(Math.max(...counts)).toBeLessThan(144);
});

test("without a limit all items are taken", () => {
  expect(sampleItems(["a", "a", "b"], undefined, 0)).toEqual([0, 1, 2]);
  expect(sampleItems(["a", "a"], 1, 0)).toEqual([0]);
});
