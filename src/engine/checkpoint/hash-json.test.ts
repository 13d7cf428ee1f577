import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { fc } from "../../../test/builders/properties.ts";
import { hashJson } from "./hash-json.ts";

async function hashOf(value: unknown): Promise<string> {
  const hash = createHash("sha256");
  await hashJson(hash, value);
  return hash.digest("hex");
}

function truthOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

test("the hash of the whole text", async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      expect(await hashOf(value)).toBe(truthOf(value));
    }),
  );
  expect(await hashOf([undefined, [[]], {}])).toBe(truthOf([undefined, [[]], {}]));
});

test.each([0, 1, 2, 3])("letters of several bytes where the parts meet, %i bytes on", async (before) => {
  const text = "x".repeat(before) + '\u{1f600}é"\n'.repeat(100_000);
  expect(await hashOf(Buffer.from(text))).toBe(truthOf(text));
});
