/** Failures of the file system as errors of the closed list. */
import { DeltaScopeError } from "../../contract/errors.ts";

/** The `code` of a Node error, e.g. `ENOENT`. */
export function systemCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
}

const ABSENT = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ERR_INVALID_ARG_VALUE"]);

/** Whether the file system says that nothing is there (as against: something that may not be read). */
export function isAbsent(thrown: unknown): boolean {
  return ABSENT.has(systemCode(thrown) ?? "");
}

/** `source.not-found` for what is absent, `source.unreadable` for all else. */
export function fileError(thrown: unknown, path: string): DeltaScopeError {
  if (thrown instanceof DeltaScopeError) return thrown;
  if (isAbsent(thrown))
    return new DeltaScopeError("source.not-found", `${path} does not exist.`, path, { cause: thrown });
  const reason = systemCode(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown));
  return new DeltaScopeError("source.unreadable", `${path} cannot be read (${reason}).`, path, { cause: thrown });
}
