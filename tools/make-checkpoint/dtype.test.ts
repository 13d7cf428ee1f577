import { expect, test } from "vitest";
import { encode, roundInPlace } from "./dtype.ts";

const hex = (value: number, dtype: "bf16" | "f16"): string =>
  Buffer.from(encode(Float32Array.of(value), 1, dtype))
    .reverse()
    .toString("hex");

// Bit patterns as torch gives them for torch.tensor(x).to(dtype).
test.each([
  [1, "3f80", "3c00"],
  [-2.5, "c020", "c100"],
  [1 + 2 ** -8, "3f80", "3c04"],
  [1 + 3 * 2 ** -8, "3f82", "3c0c"],
  [1 + 2 ** -8 + 2 ** -20, "3f81", "3c04"],
  [1 + 2 ** -11, "3f80", "3c00"],
  [1 + 3 * 2 ** -11, "3f80", "3c02"],
  [2 ** -24, "3380", "0001"],
])("%f is stored as bf16 %s and f16 %s", (value, bf16, f16) => {
  expect(hex(value, "bf16")).toBe(bf16);
  expect(hex(value, "f16")).toBe(f16);
});

test.each(["bf16", "f16", "f32"] as const)("rounding to %s in place agrees with storing", (dtype) => {
  const values = Float32Array.from({ length: 4096 }, (_, i) => Math.sin(i * 12.9898) * 10 ** ((i % 9) - 4));
  const rounded = values.slice();
  roundInPlace(rounded, rounded.length, dtype);
  expect(encode(rounded, rounded.length, dtype)).toEqual(encode(values, values.length, dtype));
  // Half a unit of eight bits, and below f16's normal range half of its smallest number.
  const errors = rounded.map((value, i) => Math.abs(value - (values[i] as number)));
  expect(errors.every((error, i) => error <= Math.abs(values[i] as number) * 2 ** -8 + 2 ** -25)).toBe(true);
});
