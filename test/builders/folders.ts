/** Temporary folders that vanish with the test process. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made: string[] = [];

/** A fresh empty folder; `label` may hold spaces and any letters. */
export function temporaryFolder(label = "deltascope"): string {
  const folder = mkdtempSync(join(tmpdir(), `${label}-`));
  if (made.length === 0) process.once("exit", removeAll);
  made.push(folder);
  return folder;
}

function removeAll(): void {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
}
