import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { schemaFolder, schemaTexts } from "./write-schemas.ts";

test("the schemas in docs are those of the code; run `npm run schemas` when this fails", () => {
  const written = new Map(
    readdirSync(schemaFolder).map((name) => [name, readFileSync(join(schemaFolder, name), "utf8")]),
  );
  expect(written).toEqual(schemaTexts());
});
