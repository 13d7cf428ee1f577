import { expect, test } from "vitest";
import { riskOf } from "./risk.ts";

test("a spectrum of more values than the matrix has is refused before it is made", async () => {
  const setting = { k: 300, d: 2, n: 9, sigma: 1, simulate: 0, seed: 0, covariance: [1, 2] };
  for (const kind of ["exp", "pow"] as const) {
    const asked = { ...setting, delta: { kind, decay: 1, scale: 1, count: 2 ** 53 - 1 } };
    await expect(riskOf(asked)).rejects.toMatchObject({
      code: "theory.invalid",
      message: "The spectrum has 9007199254740991 values, 1 to 2 are possible.",
    });
  }
});
