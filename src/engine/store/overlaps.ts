/** How the updates of two analyses overlap; the same whichever of the two is named first. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { z } from "zod";
import { type ModuleOverlap, moduleOverlap } from "../../contract/domain/analysis.ts";
import { fromJsonText, toJsonText } from "./json.ts";
import { inTransaction, queryRows } from "./sql.ts";

const overlaps = z.array(moduleOverlap);

export async function writeOverlap(
  connection: DuckDBConnection,
  first: string,
  second: string,
  modules: ModuleOverlap[],
): Promise<void> {
  const key = [first, second].sort();
  const text = toJsonText(modules);
  await inTransaction(connection, async () => {
    await connection.run("DELETE FROM overlap WHERE first = $1 AND second = $2", key);
    await connection.run("INSERT INTO overlap (first, second, modules) VALUES ($1, $2, $3)", [...key, text]);
  });
}

export async function readOverlap(
  connection: DuckDBConnection,
  first: string,
  second: string,
): Promise<ModuleOverlap[] | undefined> {
  const key = [first, second].sort();
  const [row] = await queryRows(connection, "SELECT modules FROM overlap WHERE first = $1 AND second = $2", key);
  return row && fromJsonText(overlaps, row.modules, `overlap of ${key.join(" and ")}`);
}
