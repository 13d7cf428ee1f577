import { expect, test } from "vitest";
import type { Decay, DeltaMeasures } from "../../../../src/contract/domain/spectrum.ts";
import { fitWords, noiseWords } from "./tail-words.ts";

const decay: Decay = {
  ...{ law: "power", exponent: 0.43, exponentLow: 0.41, exponentHigh: 0.47, rate: 0.056 },
  ...{ r2Power: 0.99, r2Exponential: 0.8, kept: 700 },
};

test("each law in words", () => {
  const singularValues = [1];
  expect(fitWords({ decay, singularValues })).toBe(
    "Power law over j 1–700: exponent 0.43 [0.41, 0.47]; R² 0.99 power, 0.80 exponential.",
  );
  expect(fitWords({ decay: { ...decay, law: "exponential" }, singularValues })).toContain(
    "Exponential over j 1–700, rate 0.056",
  );
  expect(fitWords({ decay: { ...decay, law: "neither", exponentLow: null }, singularValues })).toContain(
    "Neither law fits well over j 1–700: exponent 0.43;",
  );
  expect(fitWords({ decay: null, singularValues: [2, 1, 0] })).toBe(
    "No fit: 2 values stand above the floor, 12 are needed.",
  );
});

test("noise of the same shape as counts, not shares", () => {
  const noiseReference = { entropy: 0.805, participation: 0.5, energy90: 0.51 } as DeltaMeasures["noiseReference"];
  expect(noiseWords({ noiseReference }, [1000, 2000])).toContain("entropy 805, participation 500, k90 510");
  expect(noiseWords({ noiseReference: null }, [10, 10])).toBe("");
});
