/** Failures of the file system as errors of the closed list. */
import { DeltaScopeError, thrownMessage } from "../../contract/errors.ts";

/** The `code` of a Node error, e.g. `ENOENT`. */
export function systemCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "its folder does not exist"],
  ["ENOTDIR", "a part of its path is not a folder"],
  ["EEXIST", "a file of that name stands there"],
  ["EACCES", "permission denied"],
  ["EPERM", "permission denied"],
  ["EROFS", "the file system is read-only"],
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "the disk quota is used up"],
  ["ENAMETOOLONG", "the name is too long"],
  ["ELOOP", "it is a link"],
  ["ENXIO", "it is a pipe that nobody reads"],
]);

/** `output.unwritable` for what the file system refuses, naming the place; all else stays as it was thrown. */
export function outputError(thrown: unknown, place: string): unknown {
  const code = systemCode(thrown);
  if (thrown instanceof DeltaScopeError || code === undefined) return thrown;
  const message = `${place} cannot be written: ${REASONS.get(code) ?? code}.`;
  return new DeltaScopeError("output.unwritable", message, place, { cause: thrown });
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
  const reason = systemCode(thrown) ?? thrownMessage(thrown);
  return new DeltaScopeError("source.unreadable", `${path} cannot be read (${reason}).`, path, { cause: thrown });
}
