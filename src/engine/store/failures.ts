/** DuckDB reports failures as sentences; this is the one place that reads them. */
import { DeltaScopeError, type ErrorCode, thrownMessage } from "../../contract/errors.ts";

/** First match wins: a lock or a full disk must never be taken for damage, which moves the database aside. */
const PATTERNS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/Could not set lock on file|being used by another process/i, "store.locked"],
  [/No space left on device|Disk quota exceeded|not enough space on the disk|\(disk full\)/i, "workspace.disk-full"],
  [
    /Permission denied|Read-only file system|Operation not permitted|read-only mode|Access is denied/i,
    "workspace.not-writable",
  ],
  [/database file with version number|storage version|newer version of DuckDB/i, "store.newer"],
];

/** What DuckDB 1.5 says of bytes that it cannot have written; whole phrases, because messages contain file names. */
const DAMAGE = [
  /exists, but it is not a valid DuckDB database file/,
  /Corrupt (database|WAL) file/,
  /Failure while replaying WAL file/,
  /Could not read enough bytes from file/,
  /Serialization Error: /,
];

/** Turns anything thrown while working on `file` into a DeltaScopeError; unknown sentences become `store.failed`. */
export function storeFailure(thrown: unknown, file: string): DeltaScopeError {
  if (thrown instanceof DeltaScopeError) return thrown;
  const message = thrownMessage(thrown);
  const code = PATTERNS.find(([pattern]) => pattern.test(message))?.[1] ?? "store.failed";
  return new DeltaScopeError(code, sentence(code, message, file), file, { cause: thrown });
}

/** True where DuckDB says that the file's bytes are wrong, and no other reason explains the failure. */
export function isDamage(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || thrown instanceof DeltaScopeError) return false;
  const { message } = thrown;
  return DAMAGE.some((pattern) => pattern.test(message)) && !PATTERNS.some(([pattern]) => pattern.test(message));
}

function sentence(code: ErrorCode, message: string, file: string): string {
  const first = message.split("\n")[0] ?? message;
  if (code === "store.locked") return `The database ${file} is open in another process${holder(message)}.`;
  if (code === "workspace.disk-full") return `The disk that holds ${file} is full.`;
  if (code === "workspace.not-writable") return `The database ${file} cannot be written: ${first}`;
  if (code === "store.newer") return `The database ${file} was written by a newer version: ${first}`;
  return `The database ${file} failed: ${first}`;
}

function holder(message: string): string {
  const found = /held in (.{1,200}) \(PID (\d{1,10})\)/.exec(message);
  return found ? ` (pid ${found[2]}, ${found[1]})` : "";
}
