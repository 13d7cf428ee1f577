/** Executions: what was asked together, how it ended, and what it said. */
import { type DuckDBConnection, DuckDBListValue, INTEGER, VARCHAR } from "@duckdb/node-api";
import { z } from "zod";
import { alert } from "../../contract/alerts.ts";
import { type StoredRun, storedRun } from "../../contract/api.ts";
import { analysisSettings, analysisSpec } from "../../contract/domain/analysis.ts";
import { checkpointSummary } from "../../contract/domain/checkpoint.ts";
import { shard } from "../../contract/domain/part.ts";
import { DeltaScopeError, errorDocument } from "../../contract/errors.ts";
import { fromJsonText, toJsonText, validated } from "./json.ts";
import { inTransaction, queryRows, type Row, TEXT_LIST, textList } from "./sql.ts";
import type { RunRecord } from "./types.ts";

type Member = RunRecord["members"][number];

const failures = z.array(z.object({ label: z.string(), path: z.string(), error: errorDocument }));
const alerts = z.array(alert.extend({ run: z.string().optional() }));

/** Writes a run that is still under way, or its end; a run that has ended is never written again (`store.failed`). */
export async function writeRun(connection: DuckDBConnection, record: RunRecord): Promise<void> {
  await inTransaction(connection, async () => {
    const [stored] = await queryRows(connection, "SELECT state FROM run WHERE id = $1", [record.id]);
    if (stored && stored.state !== "running") {
      throw new DeltaScopeError(
        "store.failed",
        `The run ${record.id} has ended (${stored.state}) and is not edited.`,
        record.id,
      );
    }
    await connection.run("DELETE FROM run WHERE id = $1", [record.id]);
    await connection.run("DELETE FROM run_member WHERE run = $1", [record.id]);
    await insertRun(connection, record);
    for (const [position, member] of record.members.entries())
      await insertMember(connection, record.id, position, member);
  });
}

async function insertRun(connection: DuckDBConnection, record: RunRecord): Promise<void> {
  const { id, startedAt, finishedAt, seconds, state, threads, embeddings, reused, computed } = record;
  const parts = [record.base, record.settings, record.failures, record.alerts];
  await connection.run(
    `INSERT INTO run (id, started_at, finished_at, seconds, state, threads, embeddings, reused, computed,
       base, settings, failures, alerts, spec, shard)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      ...[id, startedAt, finishedAt ?? null, seconds ?? null, state, threads, embeddings, reused, computed],
      ...parts.map(toJsonText),
      ...[record.spec, record.shard].map((value) => (value === undefined ? null : toJsonText(value))),
    ],
  );
}

async function insertMember(
  connection: DuckDBConnection,
  run: string,
  position: number,
  member: Member,
): Promise<void> {
  const { analysis, label, path, modules } = member;
  await connection.run(
    "INSERT INTO run_member (run, position, analysis, label, path, modules) VALUES ($1, $2, $3, $4, $5, $6)",
    [run, position, analysis, label, path, modules ? textList(modules) : null],
    [VARCHAR, INTEGER, VARCHAR, VARCHAR, VARCHAR, TEXT_LIST],
  );
}

/**
 * Runs that no living process works on any more; called at opening, when this process has just got the database.
 * Answers their ids, the newest first.
 */
export async function interruptDeadRuns(connection: DuckDBConnection): Promise<string[]> {
  const rows = await queryRows(connection, "SELECT id FROM run WHERE state = 'running' ORDER BY started_at DESC");
  await connection.run("UPDATE run SET state = 'interrupted' WHERE state = 'running'");
  return rows.map(({ id }) => String(id));
}

export async function readRun(connection: DuckDBConnection, id: string): Promise<RunRecord | undefined> {
  const [row] = await queryRows(connection, "SELECT * FROM run WHERE id = $1", [id]);
  if (!row) return undefined;
  const members = await queryRows(connection, "SELECT * FROM run_member WHERE run = $1 ORDER BY position", [id]);
  return decodeRun(row, members.map(decodeMember));
}

function decodeRun(row: Row, members: Member[]): RunRecord {
  const where = `run ${row.id}`;
  return {
    id: String(row.id),
    startedAt: String(row.started_at),
    finishedAt: row.finished_at === null ? undefined : String(row.finished_at),
    seconds: row.seconds === null ? undefined : Number(row.seconds),
    state: validated(storedRun.shape.state, row.state, where),
    threads: Number(row.threads),
    base: fromJsonText(checkpointSummary, row.base, where),
    settings: fromJsonText(analysisSettings, row.settings, where),
    spec: row.spec === null ? undefined : fromJsonText(analysisSpec, row.spec, where),
    shard: row.shard === null ? undefined : fromJsonText(shard, row.shard, where),
    embeddings: row.embeddings === true,
    reused: Number(row.reused),
    computed: Number(row.computed),
    members,
    failures: fromJsonText(failures, row.failures, where),
    alerts: fromJsonText(alerts, row.alerts, where),
  };
}

function decodeMember(row: Row): Member {
  const { modules } = row;
  return {
    analysis: String(row.analysis),
    label: String(row.label),
    path: String(row.path),
    modules: modules instanceof DuckDBListValue ? modules.items.map(String) : undefined,
  };
}

/** A run's first member by the run's id, or the newest member of that label; whole runs go before parts. */
export async function findMember(
  connection: DuckDBConnection,
  name: string,
): Promise<{ run: RunRecord; member: Member } | undefined> {
  const [found] = await queryRows(
    connection,
    `SELECT run.id, run_member.position FROM run JOIN run_member ON run_member.run = run.id
     WHERE run.id = $1 OR run_member.label = $1
     ORDER BY run.id = $1 DESC, run.shard IS NOT NULL, run.started_at DESC, run.id DESC, run_member.position LIMIT 1`,
    [name],
  );
  const run = found && (await readRun(connection, String(found.id)));
  const member = run?.members[Number(found?.position)];
  return run && member ? { run, member } : undefined;
}

/** The newest run that asked this question, with its place there; whole runs go before parts. */
export async function findMemberOf(
  connection: DuckDBConnection,
  analysis: string,
): Promise<{ run: RunRecord; member: Member } | undefined> {
  const [found] = await queryRows(
    connection,
    `SELECT run.id, run_member.position FROM run JOIN run_member ON run_member.run = run.id
     WHERE run_member.analysis = $1 ORDER BY run.shard IS NOT NULL, run.started_at DESC, run.id DESC LIMIT 1`,
    [analysis],
  );
  const run = found && (await readRun(connection, String(found.id)));
  const member = run?.members[Number(found?.position)];
  return run && member ? { run, member } : undefined;
}

/** Every member of every run, newest first; `modules` counts what is measured of those the run asked for. */
export async function listRuns(connection: DuckDBConnection): Promise<StoredRun[]> {
  const rows = await queryRows(
    connection,
    `SELECT run.id, run_member.analysis, run_member.label, analysis.kind, run_member.path,
       run.base AS base, run.finished_at AS "finishedAt", run.state, run.shard,
       (SELECT count(*) FROM module WHERE module.analysis = run_member.analysis AND module.status = 'measured'
          AND (run_member.modules IS NULL OR list_contains(run_member.modules, module.name))) AS modules
     FROM run JOIN run_member ON run_member.run = run.id JOIN analysis ON analysis.id = run_member.analysis
     ORDER BY run.started_at DESC, run.id DESC, run_member.position`,
  );
  return rows.map(decodeStoredRun);
}

function decodeStoredRun(row: Row): StoredRun {
  const where = `run ${row.id}`;
  const basePath = fromJsonText(checkpointSummary, row.base, where).path;
  const part = row.shard === null ? null : fromJsonText(shard, row.shard, where);
  return validated(storedRun, { ...row, basePath, shard: part, modules: Number(row.modules) }, where);
}
