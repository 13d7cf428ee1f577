/** Answers of evaluations: one row per item, committed batch by batch. */
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBListValue,
  type DuckDBValue,
  INTEGER,
  LIST,
  listValue,
  VARCHAR,
} from "@duckdb/node-api";
import { z } from "zod";
import { type Alert, alert } from "../../contract/alerts.ts";
import { evaluationSettings, taskSpec, variantSpec } from "../../contract/domain/evaluation.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { fromJsonText, toJsonText, validated } from "./json.ts";
import { appendRows, inTransaction, queryDecoded, queryRows, type Row } from "./sql.ts";

/** Settings as they were used: nothing is left to a model's default. */
export const usedSettings = z.object({
  ...evaluationSettings.required({ maxLength: true, prefixToken: true }).omit({ limit: true, seed: true }).shape,
  /** Rows of the output layer over which probabilities add up to 1. */
  vocabRows: z.number().int(),
  tokenizer: z.string(),
});
export type UsedSettings = z.infer<typeof usedSettings>;

/** One question: a variant, a file of items, the settings; `id` is the hash of all that. */
export interface EvaluationRecord {
  id: string;
  /** Of the question: base, tuned model and intervention. */
  variantFingerprint: string;
  /** Of the files that were run for it; unknown in workspaces of an earlier version. */
  filesFingerprint: string | undefined;
  taskFingerprint: string;
  settings: UsedSettings;
  /** As it was last asked. */
  label: string;
  variant: z.infer<typeof variantSpec>;
  task: z.infer<typeof taskSpec>;
  askedAt: string;
  /** What was odd about its items, such as contexts that were cut. */
  alerts: Alert[];
}

/** What a model answered to one item; lists have one entry for each request of the item. */
export interface ScoreRow {
  /** Place in the task's file, from 0. */
  item: number;
  /** Nats. */
  loglikelihoods: number[];
  greedy: boolean[];
  /** Tokens that were scored. */
  tokens: number;
}

/** Said for each value: lists of whole numbers and empty lists have no type of their own. */
const TYPES = [VARCHAR, INTEGER, LIST(DOUBLE), LIST(BOOLEAN), BIGINT];
const KEYS = [LIST(VARCHAR), LIST(INTEGER)];

/** A row ready for its table; its first two values, evaluation and item, are its key. */
export type EncodedScore = [string, number, ...DuckDBValue[]];

export function encodeScore(evaluation: string, row: ScoreRow): EncodedScore {
  const { item, loglikelihoods, greedy, tokens } = row;
  if (!loglikelihoods.every(Number.isFinite)) {
    throw new DeltaScopeError("internal", `Item ${item}: ${loglikelihoods.join(", ")} cannot be stored.`);
  }
  return [evaluation, item, listValue(loglikelihoods), listValue(greedy), BigInt(tokens)];
}

/** Replaces or adds rows in one transaction; of rows with one key the last one stays. */
export async function writeScores(connection: DuckDBConnection, rows: readonly EncodedScore[]): Promise<void> {
  const latest = [...new Map(rows.map((row) => [`${row[0]} ${row[1]}`, row])).values()];
  await inTransaction(connection, async () => {
    await deleteKeys(connection, latest);
    await appendRows(connection, "score", TYPES, latest);
  });
}

/** Takes answers back that turned out to be void. */
export function removeScores(
  connection: DuckDBConnection,
  evaluation: string,
  items: readonly number[],
): Promise<void> {
  return deleteKeys(
    connection,
    items.map((item) => [evaluation, item]),
  );
}

async function deleteKeys(connection: DuckDBConnection, keys: readonly (readonly DuckDBValue[])[]): Promise<void> {
  const [evaluations, items] = [0, 1].map((index) => listValue(keys.map((key) => key[index] as DuckDBValue)));
  await connection.run(
    "DELETE FROM score WHERE (evaluation, item) IN (SELECT unnest($1), unnest($2))",
    [evaluations as DuckDBValue, items as DuckDBValue],
    KEYS,
  );
}

/** Every answer to a question, in the order of the items. */
export function readScores(connection: DuckDBConnection, evaluation: string): Promise<ScoreRow[]> {
  const sql = "SELECT item, loglikelihoods, greedy, tokens FROM score WHERE evaluation = $1 ORDER BY item";
  return queryDecoded(connection, decodeScore, sql, [evaluation]);
}

const scoreRow = z.object({
  item: z.number().int().min(0),
  loglikelihoods: z.array(z.number()),
  greedy: z.array(z.boolean()),
  tokens: z.number().int().min(0),
});

function decodeScore(row: Row): ScoreRow {
  const lists = [row.loglikelihoods, row.greedy].map((value) => (value instanceof DuckDBListValue ? value.items : []));
  const [loglikelihoods, greedy] = lists;
  const decoded = { item: row.item, loglikelihoods, greedy, tokens: Number(row.tokens) };
  const score = validated(scoreRow, decoded, `score of item ${row.item}`);
  if (score.loglikelihoods.length === score.greedy.length) return score;
  throw new DeltaScopeError("store.failed", `The stored score of item ${row.item} is damaged.`);
}

/** Writes a question down, or that it was asked again. */
export async function writeEvaluation(connection: DuckDBConnection, record: EvaluationRecord): Promise<void> {
  const { id, variantFingerprint, taskFingerprint, label, askedAt } = record;
  await inTransaction(connection, async () => {
    await connection.run("DELETE FROM evaluation WHERE id = $1", [id]);
    await connection.run(
      `INSERT INTO evaluation
         (id, variant_fingerprint, task_fingerprint, settings, label, variant, task, asked_at, alerts, files_fingerprint)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        ...[id, variantFingerprint, taskFingerprint, toJsonText(record.settings), label],
        ...[toJsonText(record.variant), toJsonText(record.task), askedAt, toJsonText(record.alerts)],
        record.filesFingerprint ?? null,
      ],
    );
  });
}

/** A question with the number of items that are answered. */
export interface EvaluationSummary extends EvaluationRecord {
  answered: number;
}

/** Every question; what was asked last comes first. */
export async function readEvaluations(connection: DuckDBConnection): Promise<EvaluationSummary[]> {
  const rows = await queryRows(
    connection,
    `SELECT evaluation.*, (SELECT count(*) FROM score WHERE score.evaluation = evaluation.id) AS answered
     FROM evaluation ORDER BY asked_at DESC, id`,
  );
  return rows.map(decodeEvaluation);
}

export async function readEvaluationAlerts(connection: DuckDBConnection, evaluation: string): Promise<Alert[]> {
  const [row] = await queryRows(connection, "SELECT alerts FROM evaluation WHERE id = $1", [evaluation]);
  return row ? decodeAlerts(row, `evaluation ${evaluation}`) : [];
}

/** Questions of an earlier version have none. */
function decodeAlerts({ alerts }: Row, where: string): Alert[] {
  return alerts === null ? [] : fromJsonText(z.array(alert), alerts, where);
}

function decodeEvaluation(row: Row): EvaluationSummary {
  const where = `evaluation ${row.id}`;
  return {
    id: String(row.id),
    variantFingerprint: String(row.variant_fingerprint),
    filesFingerprint: row.files_fingerprint === null ? undefined : String(row.files_fingerprint),
    taskFingerprint: String(row.task_fingerprint),
    settings: fromJsonText(usedSettings, row.settings, where),
    label: String(row.label),
    variant: fromJsonText(variantSpec, row.variant, where),
    task: fromJsonText(taskSpec, row.task, where),
    askedAt: String(row.asked_at),
    alerts: decodeAlerts(row, where),
    answered: Number(row.answered),
  };
}
