import { expect, test } from "vitest";
import { isWithin } from "./within.ts";

test.each([
  ["/a/b", "/a", true],
  ["/a", "/a", true],
  ["/ab", "/a", false],
  ["/a/../b", "/a", false],
  ["/a/..b", "/a", true],
  ["/..", "/a", false],
  ["/a", "/", true],
  ["/a/b/../c", "/a", true],
  ["/", "/a/b", false],
])("%s within %s: %s", (path, folder, expected) => {
  expect(isWithin(path, folder)).toBe(expected);
});
