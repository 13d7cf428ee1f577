import { expect, test } from "vitest";
import { z } from "zod";
import { fc } from "../../test/builders/properties.ts";
import { parseSearch, searchValidator, stringifySearch } from "./search-params.ts";

const schema = z.object({
  runs: z.string().optional(),
  k: z.number().int().min(1).optional(),
  side: z.enum(["left", "right"]).optional(),
});
const validate = searchValidator(schema, ["jobs"]);

test("numbers are read where the schema wants them, and words stay words", () => {
  expect(validate(parseSearch("?runs=123456789012&k=10&side=left"))).toEqual({
    runs: "123456789012",
    k: 10,
    side: "left",
  });
});

test("unknown and invalid parameters leave the address, the others stay", () => {
  const search = validate(parseSearch("?runs=a,b&k=many&side=top&evil=1&jobs=open"));
  expect(search).toMatchObject({ runs: "a,b", k: undefined, side: undefined, evil: undefined });
  expect(search).not.toHaveProperty("jobs");
  expect(stringifySearch(search)).toBe("?runs=a,b");
});

test("commas stay readable, everything else is escaped", () => {
  expect(stringifySearch({ runs: "a,b", q: "layer:24-35 change>4%&x=1" })).toBe(
    "?runs=a,b&q=layer%3A24-35+change%3E4%25%26x%3D1",
  );
});

test("any text survives the way through an address", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string({ unit: "grapheme" })), (search) => {
      const { __proto__: _, ...plain } = search;
      expect({ ...parseSearch(stringifySearch(plain)) }).toEqual({ ...plain });
    }),
  );
});
