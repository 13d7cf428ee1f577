/** The few ways in which this folder talks to DuckDB; values are always bound. */
import { setImmediate } from "node:timers/promises";
import {
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  VARCHAR,
} from "@duckdb/node-api";

export type Row = Readonly<Record<string, DuckDBValue>>;

/** Long lists are copied on this thread: 64 rows of 4,096 numbers take about 10 ms, well under the 50 ms of one block. */
const ROWS_PER_TURN = 64;

/** A list of texts as one bound value; give `TEXT_LIST` as its type, because an empty list has none of its own. */
export const TEXT_LIST = LIST(VARCHAR);
export function textList(texts: readonly string[]): DuckDBValue {
  return listValue(texts);
}

/**
 * Rows of a query, by column name, as `decode` makes them. They are streamed, so that a long answer does not stand in
 * memory twice, and read in turns that leave the event loop free. Nothing else may be asked of the connection meanwhile.
 */
export async function queryDecoded<T>(
  connection: DuckDBConnection,
  decode: (row: Row) => T,
  sql: string,
  values: DuckDBValue[] = [],
  types?: DuckDBType[],
): Promise<T[]> {
  const rows: T[] = [];
  for await (const turn of streamRows(connection, sql, values, types)) rows.push(...turn.map(decode));
  return rows;
}

/** The same in heaps of one turn each, for whoever does not keep the rows. */
export async function* streamRows(
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[] = [],
  types?: DuckDBType[],
): AsyncGenerator<Row[], void> {
  const result = await connection.stream(sql, values, types);
  const names = result.columnNames();
  for await (const chunk of result) {
    for (let start = 0; start < chunk.rowCount; start += ROWS_PER_TURN) {
      const count = Math.min(ROWS_PER_TURN, chunk.rowCount - start);
      yield Array.from({ length: count }, (_, index) => rowOf(names, chunk.getRowValues(start + index)));
      await setImmediate();
    }
  }
}

function rowOf(names: readonly string[], values: readonly DuckDBValue[]): Row {
  return Object.fromEntries(values.map((value, column) => [names[column], value]));
}

export function queryRows(connection: DuckDBConnection, sql: string, values?: DuckDBValue[]): Promise<Row[]> {
  return queryDecoded(connection, (row) => row, sql, values);
}

/** Commits what `work` did, or rolls it back and throws its error. */
export async function inTransaction<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await connection.run("BEGIN TRANSACTION");
  try {
    const answer = await work();
    await connection.run("COMMIT");
    return answer;
  } catch (error) {
    await connection.run("ROLLBACK").catch(() => undefined); // a failed commit has ended the transaction already
    throw error;
  }
}

/** Adds rows (values in the order of the table's columns) inside the connection's transaction. */
export async function appendRows(
  connection: DuckDBConnection,
  table: string,
  types: readonly DuckDBType[],
  rows: readonly (readonly DuckDBValue[])[],
): Promise<void> {
  const appender = await connection.createAppender(table);
  try {
    for (let start = 0; start < rows.length; start += ROWS_PER_TURN) {
      const chunk = DuckDBDataChunk.create(types, 0);
      chunk.setRows(rows.slice(start, start + ROWS_PER_TURN));
      appender.appendDataChunk(chunk);
      appender.flushSync();
      await setImmediate();
    }
  } finally {
    appender.closeSync();
  }
}
