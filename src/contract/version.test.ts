import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { programVersion } from "./version.ts";

test("documents carry the package's version", () => {
  const packageFile = new URL("../../package.json", import.meta.url);
  expect(programVersion).toBe(JSON.parse(readFileSync(packageFile, "utf8")).version);
});
