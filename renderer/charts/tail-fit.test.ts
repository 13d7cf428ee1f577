import { expect, test } from "vitest";
import type { Decay } from "../../src/contract/domain/spectrum.ts";
import { tailFit } from "./tail-fit.ts";

const decay: Decay = {
  law: "power",
  exponent: 0.43,
  exponentLow: null,
  exponentHigh: null,
  rate: 0.05,
  r2Power: 1,
  r2Exponential: 0.9,
  kept: 40,
};
const indices = Array.from({ length: 60 }, (_, index) => index + 1);

test("a power law runs through its own values", () => {
  const fit = tailFit(
    indices.map((j) => 0.2 * j ** -0.43),
    decay,
  );
  for (const j of [1, 7, 40]) expect(fit?.at(j)).toBeCloseTo(0.2 * j ** -0.43, 12);
  expect(fit?.to).toBe(40);
});

test("an exponential one too", () => {
  const fit = tailFit(
    indices.map((j) => 3 * Math.exp(-0.05 * j)),
    { ...decay, law: "exponential" },
  );
  for (const j of [1, 7, 40]) expect(fit?.at(j)).toBeCloseTo(3 * Math.exp(-0.05 * j), 12);
});

test("values after the kept ones do not move it", () => {
  const bent = indices.map((j) => (j <= 40 ? 0.2 * j ** -0.43 : 1e-9));
  expect(tailFit(bent, decay)?.at(10)).toBeCloseTo(0.2 * 10 ** -0.43, 12);
});

test("zeros give no line", () => {
  expect(tailFit([0, 0, 0], decay)).toBeUndefined();
});
