import { expect, test } from "vitest";
import { DeltaScopeError, toDeltaScopeError } from "./errors.ts";

const document = new DeltaScopeError(
  "source.changed",
  "weights.safetensors changed.",
  "weights.safetensors",
).toDocument();

test.each([
  ["thrown", Object.assign(new Error("message"), { code: "DELTASCOPE", status: 500, data: document })],
  ["serialised", JSON.parse(JSON.stringify({ defined: true, code: "DELTASCOPE", status: 500, data: document }))],
])("a typed error of the contract, %s, is read back", (_, typed) => {
  const error = toDeltaScopeError(typed);
  expect(error).toBeInstanceOf(DeltaScopeError);
  expect(error.toDocument()).toEqual(document);
});

test("what only looks like one stays unknown", () => {
  const foreign = Object.assign(new Error("boom"), { code: "DELTASCOPE", data: { code: "made.up", message: "x" } });
  expect(toDeltaScopeError(foreign).toDocument()).toMatchObject({ code: "internal", message: "boom" });
});

test("an abort is a cancelled job", () => {
  expect(toDeltaScopeError(new DOMException("gone", "AbortError")).code).toBe("job.cancelled");
});
