/** The questions: one row per tuned source, base and settings. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { z } from "zod";
import { adapterSummary } from "../../contract/domain/adapter.ts";
import { analysisSettings } from "../../contract/domain/analysis.ts";
import { checkpointSummary } from "../../contract/domain/checkpoint.ts";
import { pairingReport } from "../../contract/domain/pair.ts";
import { fromJsonText, toJsonText, validated } from "./json.ts";
import { inTransaction, queryRows, type Row } from "./sql.ts";
import type { AnalysisRecord } from "./types.ts";

const kind = z.enum(["adapter", "full"]);

/** Replaces the analysis of the same id; its modules stay. */
export async function writeAnalysis(connection: DuckDBConnection, record: AnalysisRecord): Promise<void> {
  const { id, label, path, fingerprint, base, adapter, settings, pairing, matrices, engineVersion } = record;
  const [baseText, settingsText, pairingText] = [base, settings, pairing].map(toJsonText) as [string, string, string];
  const adapterText = adapter ? toJsonText(adapter) : null;
  await inTransaction(connection, async () => {
    await connection.run("DELETE FROM analysis WHERE id = $1", [id]);
    await connection.run(
      `INSERT INTO analysis (id, label, kind, path, fingerprint, base, base_fingerprint, adapter, settings, pairing, engine_version, matrices)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        ...[id, label, record.kind, path, fingerprint, baseText, base.fingerprint],
        ...[adapterText, settingsText, pairingText, engineVersion, matrices ?? null],
      ],
    );
  });
}

export async function readAnalysis(connection: DuckDBConnection, id: string): Promise<AnalysisRecord | undefined> {
  const [row] = await queryRows(connection, "SELECT * FROM analysis WHERE id = $1", [id]);
  return row ? decodeAnalysis(row) : undefined;
}

function decodeAnalysis(row: Row): AnalysisRecord {
  return {
    ...decodeQuestion(row),
    pairing: fromJsonText(pairingReport, row.pairing, `analysis ${row.id}`),
    matrices: row.matrices === null ? undefined : Number(row.matrices),
    engineVersion: String(row.engine_version),
  };
}

/** What was compared and how: the columns that every reading of an analysis shares. */
export function decodeQuestion(row: Row): Omit<AnalysisRecord, "pairing" | "matrices" | "engineVersion"> {
  const where = `analysis ${row.id}`;
  return {
    id: String(row.id),
    label: String(row.label),
    kind: validated(kind, row.kind, where),
    path: String(row.path),
    fingerprint: String(row.fingerprint),
    base: fromJsonText(checkpointSummary, row.base, where),
    adapter: row.adapter === null ? undefined : fromJsonText(adapterSummary, row.adapter, where),
    settings: fromJsonText(analysisSettings, row.settings, where),
  };
}
