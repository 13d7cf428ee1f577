/** Fine-tunes and sweeps that were started here. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { z } from "zod";
import {
  type GrowthPoint,
  growthPoint,
  type SweepSpec,
  sweepSpec,
  type TrainingRun,
  trainingRun,
  trainingState,
} from "../../contract/domain/training.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { fromJsonText, toJsonText, validated } from "./json.ts";
import { inTransaction, queryRows, type Row } from "./sql.ts";

/** One row per run; starting it again changes it. */
export interface TrainingRecord {
  run: TrainingRun;
  askedAt: string;
  /** In the order measured. */
  growth: GrowthPoint[];
}

export interface SweepRecord {
  id: string;
  askedAt: string;
  folder: string;
  spec: SweepSpec;
  /** Paused too where the process ended while it was under way. */
  state: TrainingRun["state"];
  /** That was so. */
  interrupted?: boolean;
}

/** Set where the process ended while the run was under way. */
const interrupted = "interrupted";
const storedState = z.enum([...trainingState.options, interrupted]);

export async function writeTraining(connection: DuckDBConnection, record: TrainingRecord): Promise<void> {
  const { run, askedAt, growth } = record;
  await inTransaction(connection, async () => {
    await connection.run("DELETE FROM training WHERE id = $1", [run.id]);
    await connection.run("INSERT INTO training (id, asked_at, state, run, growth) VALUES ($1, $2, $3, $4, $5)", [
      ...[run.id, askedAt, run.state, toJsonText(run), toJsonText(growth)],
    ]);
  });
}

/** What was started last comes first. */
export async function readTrainings(connection: DuckDBConnection): Promise<TrainingRecord[]> {
  return (await queryRows(connection, "SELECT * FROM training ORDER BY asked_at DESC, id")).map(decodeTraining);
}

export async function readTraining(connection: DuckDBConnection, id: string): Promise<TrainingRecord | undefined> {
  const [row] = await queryRows(connection, "SELECT * FROM training WHERE id = $1", [id]);
  return row && decodeTraining(row);
}

function decodeTraining(row: Row): TrainingRecord {
  const where = `training ${row.id}`;
  const run = fromJsonText(trainingRun, row.run, where);
  const state = validated(storedState, row.state, where);
  return {
    run: state === interrupted ? { ...run, state: "failed", error: interruption(run.folder) } : { ...run, state },
    askedAt: String(row.asked_at),
    growth: fromJsonText(z.array(growthPoint), row.growth, where),
  };
}

function interruption(folder: string): TrainingRun["error"] {
  const message = "The program ended while this run was under way.";
  return new DeltaScopeError("job.interrupted", message, folder).toDocument();
}

export async function writeSweep(connection: DuckDBConnection, record: SweepRecord): Promise<void> {
  const { id, askedAt, folder, spec, state } = record;
  await inTransaction(connection, async () => {
    await connection.run("DELETE FROM sweep WHERE id = $1", [id]);
    await connection.run("INSERT INTO sweep (id, asked_at, state, folder, spec) VALUES ($1, $2, $3, $4, $5)", [
      ...[id, askedAt, state, folder, toJsonText(spec)],
    ]);
  });
}

/** What was started last comes first. */
export async function readSweeps(connection: DuckDBConnection): Promise<SweepRecord[]> {
  const rows = await queryRows(connection, "SELECT * FROM sweep ORDER BY asked_at DESC, id");
  return rows.map((row) => {
    const where = `sweep ${row.id}`;
    const state = validated(storedState, row.state, where);
    return {
      id: String(row.id),
      askedAt: String(row.asked_at),
      folder: String(row.folder),
      spec: fromJsonText(sweepSpec, row.spec, where),
      state: state === interrupted ? "paused" : state,
      interrupted: state === interrupted,
    };
  });
}

const live = "('queued', 'running', 'stalled')";

/** Runs and sweeps that a dead process left under way become interrupted; those that wait for their user stay paused. */
export async function interruptDeadTrainings(connection: DuckDBConnection): Promise<void> {
  await connection.run(`UPDATE training SET state = '${interrupted}' WHERE state IN ${live}`);
  await connection.run(`UPDATE sweep SET state = '${interrupted}' WHERE state IN ${live}`);
}
