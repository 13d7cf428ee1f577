/** The numeric crate's door for theory: questions and answers are JSON. */
import type * as Addon from "../../../native/addon.d.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { addon, callNative, sharedPool } from "../linalg/addon.ts";
import { thrownToError } from "../linalg/failure.ts";

/** Answers a closed form at once. @throws DeltaScopeError `theory.invalid` that names the field */
export function askNow(kind: string, input: unknown): unknown {
  try {
    return JSON.parse(addon().theory(kind, JSON.stringify(input)));
  } catch (thrown) {
    throw asTheoryError(thrownToError(thrown));
  }
}

/** Answers any question on threads of its own. @throws DeltaScopeError `theory.invalid`, `job.cancelled` */
export async function ask(
  kind: string,
  input: unknown,
  signal?: AbortSignal,
  progress?: Addon.Progress,
): Promise<unknown> {
  try {
    const text = JSON.stringify(input);
    return JSON.parse(await callNative(signal, (flag) => sharedPool().theory(kind, text, flag, progress)));
  } catch (thrown) {
    throw asTheoryError(thrownToError(thrown));
  }
}

/** What the crate calls an invalid argument is a value that somebody typed. */
function asTheoryError(error: DeltaScopeError): DeltaScopeError {
  if (error.code !== "linalg.invalid-argument") return error;
  return new DeltaScopeError("theory.invalid", error.message, error.where, { cause: error });
}
