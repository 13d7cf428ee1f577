import { expect, test } from "vitest";
import { orderedEntries } from "./ordered-json.ts";

test("keys that look like numbers stay where the file has them", () => {
  const text = '{"r": 8, "rank_pattern" : {"mlp.2|x": 4, "2": 8, "1": 3, "__proto__": 5}}';
  expect(orderedEntries(text, "rank_pattern")).toEqual([
    ["mlp.2|x", 4],
    ["2", 8],
    ["1", 3],
    ["__proto__", 5],
  ]);
});

test("quotes, backslashes and colons inside strings are no keys", () => {
  const inner = { 'a"b': 1, "c\\": 2, "d:": 3, "": 4 };
  const text = JSON.stringify({ note: 'say "x": {', other: "\\\\", rank_pattern: inner });
  expect(orderedEntries(text, "rank_pattern")).toEqual(Object.entries(inner));
});

test("a key written with escapes is found", () => {
  expect(orderedEntries('{"rank\\u005fpattern": {"q": 1}}', "rank_pattern")).toEqual([["q", 1]]);
});

test.each(["{}", '{"rank_pattern": null}', '{"rank_pattern": [1]}', "[]"])("%s has no entries", (text) => {
  expect(orderedEntries(text, "rank_pattern")).toEqual([]);
});

test("millions of escapes do not overflow", () => {
  const text = JSON.stringify({ note: '\\"'.repeat(2_000_000), rank_pattern: { b: 1, 0: 2 } });
  expect(orderedEntries(text, "rank_pattern")).toHaveLength(2);
});
