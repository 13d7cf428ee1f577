/** Items of a ready-made task from its public data file: Parquet, JSON lines or CSV. */

import { stat } from "node:fs/promises";
import { DeltaScopeError, thrownMessage } from "../../../contract/errors.ts";
import { fileError } from "../../source/file-errors.ts";
import { quote } from "../../source/quote.ts";
import { isObject, type JsonObject } from "../../source/read-json.ts";
import { readDataRows } from "../../store/data-file.ts";
import { requireDataFile } from "./data-location.ts";
import type { Definition } from "./definitions/definition.ts";
import { type Attempt, attempt, checkItem, readObjects } from "./item-file.ts";
import { FILE_BYTES_MAXIMUM, LINE_BYTES_MAXIMUM } from "./lines.ts";

/** The largest public task has 14,042 rows, the largest training split 100,000. */
const ROWS_MAXIMUM = 200_000;

type Item = ReturnType<typeof checkItem>;

/**
 * `file` may be empty: the data set is then looked up in the Hugging Face cache.
 * Throws `task.data-missing`, `task.too-large`, `task.invalid`, `source.not-found` or `source.unreadable`.
 */
export async function* readDefinedItems(definition: Definition, file: string): AsyncGenerator<Attempt<Item>> {
  const path = await requireDataFile(definition, file);
  const rows = /\.(jsonl?|ndjson)$/i.test(path) ? readObjects(path) : readTable(definition, path);
  for await (const { index, item: row, fault } of rows) {
    const made = fault ? { index, fault } : attempt(index, row.where, () => convert(definition, row.value, path));
    if (made.fault) yield made;
    else if (made.item !== undefined) yield { index, item: made.item };
  }
}

function convert(definition: Definition, row: JsonObject, path: string): Item | undefined {
  const item = definition.convert(row, path);
  return item === undefined ? undefined : checkItem({ ...item });
}

async function* readTable(definition: Definition, path: string): ReturnType<typeof readObjects> {
  const csv = /\.csv$/i.test(path);
  await refuseLarge(path);
  const limits = { rows: ROWS_MAXIMUM, rowBytes: LINE_BYTES_MAXIMUM };
  const texts = await readDataRows(path, csv ? "csv" : "parquet", limits).catch((thrown: unknown) => {
    throw unreadable(path, thrown);
  });
  if (texts.length > ROWS_MAXIMUM)
    throw new DeltaScopeError("task.too-large", `${path} has more than ${ROWS_MAXIMUM} rows.`, path);
  const rows = texts.map(parseRow);
  const named = csv ? nameColumns(definition, rows) : rows;
  for (const [index, value] of named.entries()) {
    const where = `${path}, row ${index + 1}`;
    yield value === undefined ? { index, fault: tooLong(where) } : { index, item: { value, where } };
  }
}

function parseRow(text: string): JsonObject | undefined {
  const value: unknown = text === "" ? undefined : JSON.parse(text);
  return isObject(value) ? value : undefined;
}

/** The first row holds the names, unless it is one of a file that the definition knows without them. */
function nameColumns({ columns }: Definition, rows: (JsonObject | undefined)[]): (JsonObject | undefined)[] {
  const [first, ...rest] = rows.map((row) => row && Object.values(row));
  const headed = columns === undefined || columns.every((column) => first?.includes(column));
  const names = headed ? (first ?? []).map(String) : columns;
  const values = headed ? rest : [first, ...rest];
  return values.map((row) => row && Object.fromEntries(names.map((name, index) => [name, row[index]])));
}

async function refuseLarge(path: string): Promise<void> {
  const facts = await stat(path).catch((thrown: unknown) => Promise.reject(fileError(thrown, path)));
  if (!facts.isFile()) throw new DeltaScopeError("source.unreadable", `${path} is not a regular file.`, path);
  if (facts.size <= FILE_BYTES_MAXIMUM) return;
  const message = `${path} has ${facts.size} bytes; a task file may have ${FILE_BYTES_MAXIMUM}.`;
  throw new DeltaScopeError("task.too-large", message, path);
}

function tooLong(where: string): DeltaScopeError {
  return new DeltaScopeError("task.invalid", `${where}: the row is longer than ${LINE_BYTES_MAXIMUM} bytes.`, where);
}

function unreadable(path: string, thrown: unknown): DeltaScopeError {
  const reason = thrownMessage(thrown);
  return new DeltaScopeError("task.invalid", `${path} cannot be read as a table: ${quote(reason)}`, path);
}
