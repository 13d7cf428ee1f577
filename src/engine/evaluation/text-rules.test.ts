import { expect, test } from "vitest";
import { fc } from "../../../test/builders/properties.ts";
import { capitalize, countCharacters, countWords, splitTrailingSpace, trim, trimStart } from "./text-rules.ts";

/** `[hex(c) for c in range(0x110000) if chr(c).isspace()]` of Python 3.11. */
const PYTHON_SPACES = new Set([
  0x9, 0xa, 0xb, 0xc, 0xd, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004,
  0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000,
]);

test("white space is Python's, for every character of the basic plane", () => {
  for (let code = 0; code < 0xd800; code++) {
    const letter = String.fromCharCode(code);
    expect(trim(letter) === "", code.toString(16)).toBe(PYTHON_SPACES.has(code));
  }
  expect(trim("\ufeff a\ufeff")).toBe("\ufeff a\ufeff");
});

test("splitting at the end loses nothing and leaves no white space", () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom(" ", "\n", "\u0085", "\u001c", "\ufeff"),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
    ),
  });
  fc.assert(
    fc.property(text, (whole) => {
      const { text: words, space } = splitTrailingSpace(whole);
      expect(words + space).toBe(whole);
      expect(trim(space)).toBe("");
      expect(splitTrailingSpace(words).space).toBe("");
      expect(trimStart(words)).toBe(trim(whole));
    }),
  );
});

test("words and characters are counted as Python counts them", () => {
  expect(countWords("")).toBe(1);
  expect(countWords("  a\u00a0b\n")).toBe(4);
  expect(countWords("a\u0085b\u001cc")).toBe(3);
  expect(countWords("a\ufeffb")).toBe(1);
  expect(countCharacters("🦈e\u0301")).toBe(3);
});

test.each([
  ["", ""],
  ["éCOLE D", "École d"],
  ["ß x", "Ss x"],
  ["then THE dough", "Then the dough"],
  ["ΑΣ", "Ας"],
  ["1A b", "1a b"],
])("%j is capitalised as by Python", (text, wanted) => expect(capitalize(text)).toBe(wanted));

test("a megabyte of white space costs no more than its length", () => {
  const space = " ".repeat(2 ** 20);
  expect(splitTrailingSpace(`${space}a${space}`).space).toBe(space);
  expect(countWords(`a${space}b`)).toBe(2);
});
