import { expect, test } from "vitest";
import { mergeSections } from "./document.ts";

const both = mergeSections(
  "",
  new Map([
    ["analysis", "first\n\n| table |\n"],
    ["scoring", "second"],
  ]),
);

test("a document has its sections in a fixed order", () => {
  expect(both).toBe("# Benchmarks\n\n## Analysis\n\nfirst\n\n| table |\n\n## Scoring\n\nsecond\n");
});

test("a section that is not measured again stays", () => {
  const changed = mergeSections(both, new Map([["scoring", "third"]]));
  expect(changed).toBe(both.replace("second", "third"));
  expect(mergeSections(changed, new Map([["analysis", "fourth"]]))).toContain("fourth\n\n## Scoring\n\nthird\n");
});

test("what was never measured has no section", () => {
  expect(mergeSections("", new Map([["scoring", "only"]]))).toBe("# Benchmarks\n\n## Scoring\n\nonly\n");
});
