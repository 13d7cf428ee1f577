/** What the tests leave in the folder for temporary files is removed with them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs once, before the workers start and inherit the environment. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "deltascope-tests-"));
  for (const name of ["TMPDIR", "TEMP", "TMP"]) process.env[name] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
