import { expect, test } from "vitest";
import { randomDirection, randomDirectionOf } from "./random-direction.ts";

/** Simulated means of the best |cosine| over all base vectors (theory.md section 10). */
const simulated: [width: number, vectors: number, mean: number][] = [
  [128, 128, 0.247],
  [256, 256, 0.189],
  [512, 512, 0.143],
  [896, 896, 0.113],
  [1536, 1536, 0.091],
  [2048, 2048, 0.08],
  [4096, 4096, 0.059],
  [4864, 896, 0.049],
];

test.each(simulated)("width %i with %i base vectors", (width, vectors, mean) => {
  expect(Math.abs((randomDirection(width, vectors) ?? 0) - mean)).toBeLessThan(0.004);
});

test("the side names the width", () => {
  expect(randomDirectionOf([4864, 896], "left")).toBeCloseTo(0.049, 2);
  expect(randomDirectionOf([4864, 896], "right")).toBeCloseTo(0.113, 2);
});

test("matrices too small for the approximation have no value", () => {
  expect(randomDirectionOf([3, 500], "left")).toBeUndefined();
  expect(randomDirectionOf([1, 1], "right")).toBeUndefined();
});
