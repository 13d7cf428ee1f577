import { expect, test } from "vitest";
import { movedIndex } from "./chart-keys.ts";

test.each([
  [undefined, "ArrowRight", 0],
  [undefined, "End", 9],
  [3, "ArrowRight", 4],
  [3, "ArrowUp", 2],
  [9, "ArrowRight", 9],
  [0, "ArrowLeft", 0],
  [4, "Home", 0],
  [4, "End", 9],
  [4, "x", undefined],
])("in a list of ten, from %s by %s", (index, key, next) => {
  expect(movedIndex(index, key, 10, undefined)).toBe(next);
});

test.each([
  [0, "ArrowDown", 4],
  [4, "ArrowUp", 0],
  [3, "ArrowRight", 3],
  [4, "ArrowLeft", 4],
  [5, "ArrowLeft", 4],
  [9, "ArrowDown", 9],
])("in rows of four, from %i by %s", (index, key, next) => {
  expect(movedIndex(index, key, 12, 4)).toBe(next);
});

test("nothing to move through", () => {
  expect(movedIndex(undefined, "ArrowRight", 0, undefined)).toBeUndefined();
});
