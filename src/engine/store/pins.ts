/** Pins of the report, in their order. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { type Pin, pinDraft } from "../../contract/domain/pin.ts";
import { fromJsonText, toJsonText } from "./json.ts";
import { inTransaction, queryRows } from "./sql.ts";

/** A pin that a newer or strange program wrote is passed over: it must not take the others with it. */
export async function readPins(connection: DuckDBConnection): Promise<Pin[]> {
  const rows = await queryRows(connection, "SELECT id, added_at, note, content FROM pin ORDER BY position, added_at");
  return rows.flatMap(({ id, added_at: addedAt, note, content }) => {
    try {
      const draft = fromJsonText(pinDraft, content, `pin ${id}`);
      return [{ ...draft, id: String(id), addedAt: String(addedAt), note: String(note) }];
    } catch {
      return [];
    }
  });
}

/** Adds a pin after the others. */
export async function addPin(connection: DuckDBConnection, pin: Pin): Promise<void> {
  const { id, addedAt, note, ...content } = pin;
  await connection.run(
    `INSERT INTO pin (id, position, added_at, note, content)
     SELECT $1, coalesce(max(position) + 1, 0), $2, $3, $4 FROM pin`,
    [id, addedAt, note, toJsonText(pinDraft.parse(content))],
  );
}

/** Ids that are not known change nothing. */
export async function removePins(connection: DuckDBConnection, ids: readonly string[]): Promise<void> {
  await inTransaction(connection, async () => {
    for (const id of ids) await connection.run("DELETE FROM pin WHERE id = $1", [id]);
  });
}

export async function notePin(connection: DuckDBConnection, id: string, note: string): Promise<void> {
  await connection.run("UPDATE pin SET note = $2 WHERE id = $1", [id, note]);
}

/** Puts these first, in this order; the others follow in theirs. */
export async function arrangePins(connection: DuckDBConnection, ids: readonly string[]): Promise<void> {
  const others = (await queryRows(connection, "SELECT id FROM pin ORDER BY position, added_at")).map(({ id }) =>
    String(id),
  );
  const order = [...new Set([...ids, ...others])];
  await inTransaction(connection, async () => {
    for (const [position, id] of order.entries()) {
      await connection.run("UPDATE pin SET position = $2 WHERE id = $1", [id, position]);
    }
  });
}
