import { describe, expect, test } from "vitest";
import { givenKeys, keyClash, keyOfCommand } from "./key-commands.ts";

describe("the keys that a user gave", () => {
  test.each([
    [{}],
    [{ "library.next": "N" }],
    // The same key in two places that are never shown together.
    [{ "library.next": "N", "inspector.next": "N" }],
    // Two that changed places.
    [{ "library.next": "K", "library.previous": "J" }],
    [{ "library.next": "+" }],
    [{ "library.next": "ö" }],
  ])("%o can be kept", (keys) => {
    expect(givenKeys.parse(keys)).toEqual(keys);
  });

  test.each([
    [{ "library.jump": "N" }],
    [{ "library.next": "NN" }],
    [{ "library.next": "" }],
    [{ "library.next": " " }],
    [{ "library.next": "\u0007" }],
    [{ "library.next": "3" }],
    [{ "library.next": 3 }],
    [{ "library.next": "K" }],
    [{ "library.next": "k" }],
    [{ "library.next": "N", "library.add": "N" }],
    // Everywhere is also in the Library.
    [{ "library.next": "?" }],
    [{ filter: "j" }],
    [["N"]],
    ["N"],
  ])("%o cannot", (keys) => {
    expect(givenKeys.safeParse(keys).success).toBe(false);
  });
});

test("a key that was given away is free for another command", () => {
  expect(keyClash({}, "library.add", "J")).toBe("library.next");
  expect(keyClash({ "library.next": "N" }, "library.add", "J")).toBeUndefined();
  expect(keyClash({ "library.next": "N" }, "library.add", "n")).toBe("library.next");
  expect(keyOfCommand({ "library.next": "N" }, "library.next")).toBe("N");
  expect(keyOfCommand({}, "library.next")).toBe("J");
});
