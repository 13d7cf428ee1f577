import { expect, test } from "vitest";
import { decide, isIntruder } from "./decide.ts";

const bounds = { lower: [0.99, 0.2, 0.45, 0.1], upper: [1, 0.24, 0.55, 0.12], deltaShare: [0.1, 0.4, 0.2, 0.3] };

test("bounds on one side of ε decide, bounds around it do not", () => {
  expect(isIntruder(0.2, 0.499, 0.5)).toBe(true);
  expect(isIntruder(0.5, 0.6, 0.5)).toBe(false);
  expect(isIntruder(0.499, 0.5, 0.5)).toBeUndefined();
});

test("counts and energy of the first k", () => {
  expect(decide(bounds, 4, 0.5)).toEqual({ tested: 4, intruders: 2, undecided: 1, energy: 0.7 });
  expect(decide(bounds, 2, 0.5)).toEqual({ tested: 2, intruders: 1, undecided: 0, energy: 0.4 });
});

test("another ε decides the same bounds anew", () => {
  expect(decide(bounds, 4, 0.6)).toMatchObject({ intruders: 3, undecided: 0 });
  expect(decide(bounds, 4, 0.11)).toMatchObject({ intruders: 0, undecided: 1 });
});

test("no more than the stored vectors are tested", () => {
  expect(decide(bounds, 50, 0.5).tested).toBe(4);
});
