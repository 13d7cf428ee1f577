/** Sources that the user opened, the letters of tuned ones, and settings. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { z } from "zod";
import { inspection } from "../../contract/domain/checkpoint.ts";
import { libraryItem } from "../../contract/domain/library.ts";
import { errorDocument } from "../../contract/errors.ts";
import { fromJsonText, parseJson, toJsonText, validated } from "./json.ts";
import { inTransaction, queryRows, type Row } from "./sql.ts";
import type { LibraryRecord } from "./types.ts";

const details = z.object({
  hint: z.string().optional(),
  assigned: z.boolean(),
  bytes: z.number().nullable(),
  inspection: inspection.nullable(),
  error: errorDocument.nullable(),
});

/** Removed ones too, in the order of adding. */
export async function readLibrary(connection: DuckDBConnection): Promise<LibraryRecord[]> {
  return (await queryRows(connection, "SELECT * FROM library_item ORDER BY added_at, rowid")).map(decodeItem);
}

function decodeItem(row: Row): LibraryRecord {
  const where = `library item ${row.id}`;
  return {
    ...fromJsonText(details, row.details, where),
    id: String(row.id),
    path: String(row.path),
    label: String(row.label),
    kind: validated(libraryItem.shape.kind, row.kind, where),
    base: textOrUndefined(row.base),
    addedAt: String(row.added_at),
    removedAt: textOrUndefined(row.removed_at),
    fingerprint: textOrUndefined(row.fingerprint),
  };
}

function textOrUndefined(value: Row[string] | undefined): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}

/** Adds items, or replaces those of the same ids. */
export async function writeLibrary(connection: DuckDBConnection, items: readonly LibraryRecord[]): Promise<void> {
  await inTransaction(connection, async () => {
    for (const item of items) {
      const { id, path, label, kind, base, addedAt, removedAt, fingerprint, ...rest } = item;
      await connection.run("DELETE FROM library_item WHERE id = $1", [id]);
      await connection.run(
        `INSERT INTO library_item (id, path, label, kind, base, added_at, removed_at, fingerprint, details)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          ...[id, path, label, kind, base ?? null, addedAt, removedAt ?? null, fingerprint ?? null],
          toJsonText(details.parse(rest)),
        ],
      );
    }
  });
}

/** Position of each tuned source, by fingerprint, counted from 0 in the order of adding. */
export async function readLetters(connection: DuckDBConnection): Promise<ReadonlyMap<string, number>> {
  const rows = await queryRows(connection, "SELECT fingerprint, position FROM letter ORDER BY position");
  return new Map(rows.map(({ fingerprint, position }) => [String(fingerprint), Number(position)]));
}

/** Gives the next positions to those that have none yet. */
export async function giveLetters(connection: DuckDBConnection, fingerprints: readonly string[]): Promise<void> {
  const known = await readLetters(connection);
  const fresh = [...new Set(fingerprints)].filter((fingerprint) => !known.has(fingerprint));
  await inTransaction(connection, async () => {
    for (const [index, fingerprint] of fresh.entries()) {
      await connection.run("INSERT INTO letter (fingerprint, position) VALUES ($1, $2)", [
        fingerprint,
        known.size + index,
      ]);
    }
  });
}

/** Stored settings by key; their schema is the caller's question. */
export async function readSettings(connection: DuckDBConnection): Promise<Record<string, unknown>> {
  const rows = await queryRows(connection, "SELECT key, value FROM setting");
  return Object.fromEntries(rows.map(({ key, value }) => [String(key), parseJson(String(value), `setting ${key}`)]));
}

export async function writeSettings(connection: DuckDBConnection, changes: Record<string, unknown>): Promise<void> {
  await inTransaction(connection, async () => {
    for (const [key, value] of Object.entries(changes)) {
      await connection.run("DELETE FROM setting WHERE key = $1", [key]);
      await connection.run("INSERT INTO setting (key, value) VALUES ($1, $2)", [key, toJsonText(value)]);
    }
  });
}
