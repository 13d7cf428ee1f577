import { expect, test } from "vitest";
import { isIntruder } from "./intruders.ts";

test("a decision is only made where the bounds do not straddle ε", () => {
  expect(isIntruder(0.5, 0.6, 0.5)).toBe(false);
  expect(isIntruder(0.2, 0.49, 0.5)).toBe(true);
  expect(isIntruder(0.2, 0.5, 0.5)).toBeNull();
});
