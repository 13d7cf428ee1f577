/** What the parts of one analysis have in common. */
import { createHash } from "node:crypto";
import type { PartRun } from "../../contract/domain/part.ts";

/**
 * SHA-256 over what is asked of every run: its question and the names that it speaks of. Labels and the order of runs
 * are left out, as is the number of shards: parts of different cuts fit together.
 */
export function questionHash(runs: readonly Pick<PartRun, "analysis" | "modules" | "vectors">[]): string {
  const asked = runs.map(({ analysis, modules, vectors }) =>
    JSON.stringify([analysis, sorted(modules), sorted(vectors)]),
  );
  return createHash("sha256")
    .update(JSON.stringify(sorted(asked)))
    .digest("hex");
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
