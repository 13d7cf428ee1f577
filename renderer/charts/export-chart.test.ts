import { expect, test } from "vitest";
import { csvOf } from "./export-chart.ts";

test("full precision, quoted text, empty for what is undefined", () => {
  const rows = [
    ["name", "σ", "note"],
    ['a "quoted", name', 0.1 + 0.2, null],
    ["two\nlines", Number.NaN, undefined],
    ["plain", 1e-12, true],
  ];
  expect(csvOf(rows)).toBe(
    'name,σ,note\r\n"a ""quoted"", name",0.30000000000000004,\r\n"two\nlines",,\r\nplain,1e-12,true\r\n',
  );
});
