import { expect, test } from "vitest";
import { csvOf } from "./csv.ts";

test("full precision, quoted text, empty for what is undefined, no formulas", () => {
  const rows = [
    ["name", "σ", "note"],
    ['a "quoted", name', 0.1 + 0.2, null],
    ["two\nlines", Number.NaN, undefined],
    ["plain", -1e-12, true],
    ["=HYPERLINK(A1)", Number.POSITIVE_INFINITY, "-1"],
  ];
  expect(csvOf(rows)).toBe(
    'name,σ,note\n"a ""quoted"", name",0.30000000000000004,\n"two\nlines",,\nplain,-1e-12,true\n\'=HYPERLINK(A1),,\'-1\n',
  );
});
