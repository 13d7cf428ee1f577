import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { familiesDocument } from "./write-families.ts";

test("docs/families.md is what the code says", () => {
  expect(readFileSync(join(import.meta.dirname, "../docs/families.md"), "utf8")).toBe(familiesDocument());
});
