/** The yardstick against the golden values of the theory (computed with mpmath). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { randomDirectionCosine, randomDirectionOf } from "./random-direction.ts";

interface GoldenCase {
  kind: string;
  in: { m: number; q: number };
  out: { mean: number };
}

const file = join(import.meta.dirname, "../../test/golden/theory-golden.json");
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: GoldenCase[] };
const nulls = cases.filter(({ kind }) => kind === "intruder_null");

test("there are golden cases", () => expect(nulls.length).toBeGreaterThan(4));

test.each(nulls)("$in.m wide, $in.q vectors", ({ in: { m, q }, out }) => {
  expect(Math.abs(randomDirectionCosine(m, q) / out.mean - 1)).toBeLessThan(0.002);
});

/** Simulated means of the best |cosine| over all base vectors. */
test.each([
  [4864, 896, "left", 0.049],
  [4864, 896, "right", 0.113],
  [128, 128, "left", 0.247],
] as const)("%i × %i, %s: the side names the width", (out, into, side, mean) => {
  expect(Math.abs(randomDirectionOf([out, into], side) - mean)).toBeLessThan(0.001);
});

test("one dimension has one direction", () => expect(randomDirectionCosine(1, 1)).toBe(1));
