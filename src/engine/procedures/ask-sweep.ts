/** A finished sweep as a question about forgetting, so that its scores stand in the views of the fine-tunes it made. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { type AuditSpec, auditSpec } from "../../contract/domain/audit.ts";
import type { SweepDocument } from "../../contract/domain/training.ts";
import type { Store } from "../store/types.ts";

/** Fine-tunes that one comparison shows; the others are found by their answers. */
const mostShown = 8;

/** Everything is answered already: nothing is computed for it. A sweep that scored or kept nothing has no question. */
export async function askSweep(document: SweepDocument, store: Pick<Store, "putAudit">): Promise<void> {
  const spec = questionOf(document);
  if (!spec) return;
  const id = createHash("sha256").update(JSON.stringify(spec)).digest("hex");
  await store.putAudit({ id, spec, askedAt: new Date().toISOString(), state: "finished" });
}

function questionOf({ cells, spec }: SweepDocument): AuditSpec | undefined {
  const scored = cells.filter(({ accuracy, oldTasks }) => accuracy !== null || oldTasks !== null);
  const tuned = scored.flatMap(
    ({ run }) => run?.outputs.slice(0, 1).map(({ path }) => ({ label: run.name, path })) ?? [],
  );
  const base = scored[0]?.run?.config.base.path;
  const names = new Set<string>();
  const tasks = spec.tasks.map(({ file, role }, index) => {
    const plain = basename(file).replace(/\.jsonl$/, "");
    const name = names.has(plain) ? `${plain}-${index + 1}` : plain;
    names.add(name);
    return { name, file, role };
  });
  if (spec.keep !== "all" || base === undefined || tuned.length === 0 || tasks.length === 0) return undefined;
  return auditSpec.parse({ base, tuned: tuned.slice(0, mostShown), tasks, settings: {} });
}
