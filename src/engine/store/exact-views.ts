/** Exact views of single modules: spectra as numbers, cosines as the bytes of 32-bit floats. */
import {
  BLOB,
  blobValue,
  DOUBLE,
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBListValue,
  INTEGER,
  LIST,
  listValue,
  VARCHAR,
} from "@duckdb/node-api";
import { DeltaScopeError } from "../../contract/errors.ts";
import { inTransaction, queryRows, type Row } from "./sql.ts";
import type { ExactViewRecord } from "./types.ts";

/** Said for each value: a list of whole numbers would else be taken for integers. */
const NUMBERS = LIST(DOUBLE);
const TYPES = [VARCHAR, VARCHAR, VARCHAR, INTEGER, INTEGER, BLOB, NUMBERS, NUMBERS, NUMBERS, DOUBLE];

type Key = Pick<ExactViewRecord, "analysis" | "name" | "side">;

export async function readExactView(connection: DuckDBConnection, key: Key): Promise<ExactViewRecord | undefined> {
  const [row] = await queryRows(
    connection,
    "SELECT * FROM exact_view WHERE analysis = $1 AND name = $2 AND side = $3",
    [key.analysis, key.name, key.side],
  );
  return row && decodeView(row, key);
}

function decodeView(row: Row, key: Key): ExactViewRecord {
  const rows = Number(row.view_rows);
  const columns = Number(row.view_columns);
  const cosines = row.cosines instanceof DuckDBBlobValue ? Uint8Array.from(row.cosines.bytes) : new Uint8Array();
  if (cosines.length !== rows * columns * Float32Array.BYTES_PER_ELEMENT) {
    throw new DeltaScopeError("store.failed", `The stored exact view of ${key.name} is damaged.`, key.name);
  }
  const [best, base, tuned] = [row.best, row.base, row.tuned].map(numbersOf) as [number[], number[], number[]];
  return { ...key, rows, columns, cosines, best, base, tuned, seconds: Number(row.seconds) };
}

function numbersOf(value: Row[string] | undefined): number[] {
  return value instanceof DuckDBListValue ? value.items.map(Number) : [];
}

/** Replaces the views of the same analysis, module and side. */
export async function writeExactViews(connection: DuckDBConnection, views: readonly ExactViewRecord[]): Promise<void> {
  await inTransaction(connection, async () => {
    for (const { analysis, name, side, rows, columns, cosines, best, base, tuned, seconds } of views) {
      await connection.run("DELETE FROM exact_view WHERE analysis = $1 AND name = $2 AND side = $3", [
        analysis,
        name,
        side,
      ]);
      await connection.run(
        "INSERT INTO exact_view VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        [
          ...[analysis, name, side, rows, columns, blobValue(cosines)],
          ...[best, base, tuned].map((numbers) => listValue([...numbers])),
          seconds,
        ],
        TYPES,
      );
    }
  });
}
