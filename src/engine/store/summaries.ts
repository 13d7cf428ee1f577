/** The questions of the workspace in short, without their modules. */
import { type DuckDBConnection, DuckDBListValue } from "@duckdb/node-api";
import { decodeQuestion, readAnalysis } from "./analyses.ts";
import { findMemberOf } from "./runs.ts";
import { queryRows, type Row } from "./sql.ts";
import type { AnalysisRecord, AnalysisSummary, RunMember } from "./types.ts";

/** In the order in which they were first asked. */
export async function readSummaries(connection: DuckDBConnection): Promise<AnalysisSummary[]> {
  const rows = await queryRows(
    connection,
    `WITH counted AS (SELECT analysis, count(*) AS modules, max(layer) + 1 AS layers FROM module GROUP BY analysis),
       asked AS (SELECT run_member.analysis, min(run.started_at) AS first_at, max(run.started_at) AS last_at,
           max(len(run_member.modules)) AS wanted, arg_max(run_member.modules, len(run_member.modules)) AS names
         FROM run_member JOIN run ON run.id = run_member.run GROUP BY run_member.analysis)
     SELECT analysis.*, counted.modules AS stored, counted.layers, asked.wanted, asked.first_at, asked.last_at,
       CASE WHEN coalesce(counted.modules, 0) < asked.wanted THEN asked.names END AS planned
     FROM analysis LEFT JOIN counted ON counted.analysis = analysis.id LEFT JOIN asked ON asked.analysis = analysis.id
     ORDER BY asked.first_at NULLS LAST, analysis.label, analysis.id`,
  );
  return rows.map(decodeSummary);
}

function decodeSummary(row: Row): AnalysisSummary {
  return {
    ...decodeQuestion(row),
    stored: Number(row.stored ?? 0),
    total: Number(row.matrices ?? row.wanted ?? row.stored ?? 0),
    planned: row.planned instanceof DuckDBListValue ? row.planned.items.map(String) : [],
    layers: Number(row.layers ?? 0),
    lastAskedAt: row.last_at === null ? undefined : String(row.last_at),
  };
}

/** The question whose id starts with these hexadecimal digits. */
export async function findAnalysis(
  connection: DuckDBConnection,
  prefix: string,
): Promise<{ record: AnalysisRecord; newest: RunMember | undefined } | undefined> {
  const [row] = await queryRows(connection, "SELECT id FROM analysis WHERE starts_with(id, $1) ORDER BY id LIMIT 1", [
    prefix,
  ]);
  const record = row && (await readAnalysis(connection, String(row.id)));
  return record && { record, newest: await findMemberOf(connection, record.id) };
}
