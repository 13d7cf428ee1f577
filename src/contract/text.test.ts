import { expect, test } from "vitest";
import { fc } from "../../test/builders/properties.ts";
import { documentText } from "./json.ts";
import { messageAtPlace, shortText, visibleText } from "./text.ts";

test("escape sequences, direction marks and line breaks become symbols", () => {
  expect(visibleText("a\u001b[31mred\u0007")).toBe("a␛[31mred␇");
  expect(visibleText("x\u202egnp.exe")).toBe("x⟨U+202E⟩gnp.exe");
  expect(visibleText("two\nlines\u2028here\u009b2J\u007f")).toBe("two␊lines⟨U+2028⟩here⟨U+009B⟩2J␡");
  expect(visibleText("café 模型 Δ")).toBe("café 模型 Δ");
});

test("a message names its place once", () => {
  expect(messageAtPlace({ message: "two tensors are named a", where: "/x/m.safetensors" })).toBe(
    "/x/m.safetensors: two tensors are named a",
  );
  expect(messageAtPlace({ message: "/x does not exist.", where: "/x" })).toBe("/x does not exist.");
  expect(messageAtPlace({ message: "The disk is full." })).toBe("The disk is full.");
});

test("long text is cut by whole characters", () => {
  expect(shortText("😀".repeat(5), 3)).toBe("😀😀…");
  expect(shortText("abc", 3)).toBe("abc");
});

const controls = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

test("no text leaves anything that steers a terminal", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !controls.test(visibleText(text))));
});

test("documents keep every value and hold no raw control character", () => {
  const anything = fc.jsonValue();
  fc.assert(
    fc.property(anything, (value) => {
      const text = documentText(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  const hostile = documentText({ name: "\u009b31m\u202e\u001b[2J\ufeff\u200f" });
  expect(hostile).not.toMatch(/[^\n\x20-\x7e]/);
  expect(JSON.parse(hostile)).toEqual({ name: "\u009b31m\u202e\u001b[2J\ufeff\u200f" });
});

test("a list of numbers takes one line, undefined fields are left out", () => {
  expect(documentText({ a: [1, 2.5], b: undefined, c: [{ d: null }], e: {} })).toBe(
    '{\n  "a": [1,2.5],\n  "c": [\n    {\n      "d": null\n    }\n  ],\n  "e": {}\n}\n',
  );
});
