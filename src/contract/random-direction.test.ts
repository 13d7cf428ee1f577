/** The yardstick against the golden values of the theory (computed with mpmath). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { randomDirectionCosine } from "./random-direction.ts";

interface GoldenCase {
  kind: string;
  in: { m: number; q: number };
  out: { mean: number };
}

const file = join(import.meta.dirname, "../../../../test/golden/theory-golden.json");
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: GoldenCase[] };
const nulls = cases.filter(({ kind }) => kind === "intruder_null");

test("there are golden cases", () => expect(nulls.length).toBeGreaterThan(4));

test.each(nulls)("$in.m wide, $in.q vectors", ({ in: { m, q }, out }) => {
  expect(Math.abs(randomDirectionCosine(m, q) / out.mean - 1)).toBeLessThan(0.002);
});

test("one dimension has one direction", () => expect(randomDirectionCosine(1, 1)).toBe(1));
