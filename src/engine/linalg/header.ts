/** Tensor tables of safetensors files, validated by the numeric crate. */
import { sharedPool } from "./addon.ts";
import type { Header } from "./backend.ts";
import { thrownToError } from "./failure.ts";

/**
 * Reads and validates a header as a whole; no weight is read.
 * @throws DeltaScopeError `safetensors.header-invalid`, `source.truncated`, `source.unreadable`
 */
export async function readHeader(path: string): Promise<Header> {
  try {
    return await sharedPool().readHeader(path);
  } catch (thrown) {
    throw thrownToError(thrown);
  }
}
