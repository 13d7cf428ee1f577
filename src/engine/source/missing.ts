/** How opening a repository of the cache fails where nothing of it was downloaded, or not all. */
import { type ErrorCode, toDeltaScopeError } from "../../contract/errors.ts";

const MISSING: ReadonlySet<ErrorCode> = new Set([
  ...(["source.not-found", "source.empty", "source.unreadable", "checkpoint.no-tensors"] as const),
  ...(["checkpoint.shard-missing", "adapter.weights-missing", "adapter.config-missing"] as const),
]);

export function isMissing(thrown: unknown): boolean {
  return MISSING.has(toDeltaScopeError(thrown).code);
}
