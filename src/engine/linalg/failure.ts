/** From the numeric crate's failures to the codes of the contract. */
import { DeltaScopeError, type ErrorCode } from "../../contract/errors.ts";
import type { NativeFailure } from "./backend.ts";

const CODES: Record<string, ErrorCode> = {
  unreadable: "source.unreadable",
  truncated: "source.truncated",
  changed: "source.changed",
  "header-invalid": "safetensors.header-invalid",
  "dtype-unsupported": "safetensors.dtype-unsupported",
  "shape-mismatch": "pairing.shape-mismatch",
  "not-finite": "analysis.not-finite",
  "no-convergence": "linalg.no-convergence",
  "invalid-argument": "linalg.invalid-argument",
  cancelled: "job.cancelled",
  "not-reproducible": "adapter.not-reproducible",
  unwritable: "output.unwritable",
  panic: "native.panicked",
};

/** A failure inside an answer, as an error with its code and place. */
export function failureToError(failure: NativeFailure): DeltaScopeError {
  return new DeltaScopeError(CODES[failure.code] ?? "internal", failure.message, failure.place);
}

/** What a rejected call threw, as an error of the contract. */
export function thrownToError(thrown: unknown): DeltaScopeError {
  if (thrown instanceof DeltaScopeError) return thrown;
  if (!(thrown instanceof Error)) return new DeltaScopeError("internal", String(thrown));
  const { code, place } = thrown as { code?: unknown; place?: unknown };
  const known = typeof code === "string" ? (CODES[code] ?? "internal") : "internal";
  return new DeltaScopeError(known, thrown.message, typeof place === "string" ? place : undefined, { cause: thrown });
}
