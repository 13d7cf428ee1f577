/** Audits that were asked: what they ask and how they ended; their answers are scores of evaluations. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { z } from "zod";
import { type AuditSpec, auditSpec } from "../../contract/domain/audit.ts";
import { fromJsonText, toJsonText, validated } from "./json.ts";
import { inTransaction, queryRows, type Row } from "./sql.ts";

const auditState = z.enum(["running", "finished", "cancelled", "failed", "interrupted"]);

export interface AuditRecord {
  /** Hash of the question. */
  id: string;
  spec: AuditSpec;
  askedAt: string;
  state: z.infer<typeof auditState>;
}

/** One row per question: asking it again replaces what became of it before. */
export async function writeAudit(connection: DuckDBConnection, record: AuditRecord): Promise<void> {
  const { id, spec, askedAt, state } = record;
  await inTransaction(connection, async () => {
    await connection.run("DELETE FROM audit WHERE id = $1", [id]);
    await connection.run("INSERT INTO audit (id, spec, asked_at, state) VALUES ($1, $2, $3, $4)", [
      ...[id, toJsonText(spec), askedAt, state],
    ]);
  });
}

/** What was asked last comes first. */
export async function readAudits(connection: DuckDBConnection): Promise<AuditRecord[]> {
  return (await queryRows(connection, "SELECT * FROM audit ORDER BY asked_at DESC, id")).map(decodeAudit);
}

function decodeAudit(row: Row): AuditRecord {
  const where = `audit ${row.id}`;
  return {
    id: String(row.id),
    spec: fromJsonText(auditSpec, row.spec, where),
    askedAt: String(row.asked_at),
    state: validated(auditState, row.state, where),
  };
}

/** Audits that a dead process left running become `interrupted`; answers their ids, the newest first. */
export async function interruptDeadAudits(connection: DuckDBConnection): Promise<string[]> {
  const rows = await queryRows(connection, "SELECT id FROM audit WHERE state = 'running' ORDER BY asked_at DESC, id");
  if (rows.length > 0) await connection.run("UPDATE audit SET state = 'interrupted' WHERE state = 'running'");
  return rows.map(({ id }) => String(id));
}
