/** Writes an audit's question down while it runs, so that it is found again, also after a crash. */
import { createHash } from "node:crypto";
import type { AuditEvent } from "../../contract/api.ts";
import type { AuditSpec } from "../../contract/domain/audit.ts";
import { toDeltaScopeError } from "../../contract/errors.ts";
import type { AuditRecord } from "../store/audits.ts";
import type { Store } from "../store/types.ts";

export async function* keepAudit(
  spec: AuditSpec,
  store: Store,
  events: AsyncIterable<AuditEvent>,
): AsyncGenerator<AuditEvent, void> {
  const id = createHash("sha256").update(JSON.stringify(spec)).digest("hex");
  const record: AuditRecord = { id, spec, askedAt: new Date().toISOString(), state: "running" };
  await store.putAudit(record);
  // A reader that stops listening cancels the work.
  let state: AuditRecord["state"] = "cancelled";
  try {
    yield* events;
    state = "finished";
  } catch (thrown) {
    if (toDeltaScopeError(thrown).code !== "job.cancelled") state = "failed";
    throw thrown;
  } finally {
    await store.putAudit({ ...record, state });
  }
}

/** The newest question of each base. */
export async function auditQuestions(store: Store): Promise<AuditSpec[]> {
  const newest = new Map<string, AuditSpec>();
  for (const { spec } of await store.audits()) if (!newest.has(spec.base)) newest.set(spec.base, spec);
  return [...newest.values()];
}
