import path from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { migrate } from "./migrate.ts";
import { MODULE_COLUMNS } from "./module-columns.ts";
import { openStore } from "./open-store.ts";
import { queryRows } from "./sql.ts";

let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeEach(async () => {
  instance = await DuckDBInstance.create(":memory:");
  connection = await instance.connect();
});

afterEach(() => {
  connection.closeSync();
  instance.closeSync();
});

async function names(sql: string): Promise<unknown[]> {
  return (await queryRows(connection, sql)).map((row) => row.name);
}

const tables = "SELECT table_name AS name FROM duckdb_tables() ORDER BY name";
const columns = "SELECT column_name AS name FROM duckdb_columns() WHERE table_name = 'module' ORDER BY column_index";

test("the table of modules has the columns that the codec names, in its order", async () => {
  await migrate(connection, "x");
  expect(await names(columns)).toEqual([
    "analysis",
    ...MODULE_COLUMNS.map(({ column }) => column),
    "bounds_left",
    "bounds_right",
  ]);
});

test("each step is done once, also when opened again", async () => {
  const one = { version: 1, statements: ["CREATE TABLE one (a INTEGER)"] };
  const two = { version: 2, statements: ["CREATE TABLE two (a INTEGER)", "INSERT INTO one VALUES (2)"] };
  await migrate(connection, "x", [one]);
  await migrate(connection, "x", [one, two]);
  await migrate(connection, "x", [one, two]);
  expect(await queryRows(connection, "SELECT a FROM one")).toEqual([{ a: 2 }]);
  expect(await queryRows(connection, "SELECT version FROM schema_version")).toEqual([{ version: 1 }, { version: 2 }]);
});

test("a step that fails leaves nothing of itself, and earlier steps stay", async () => {
  const one = { version: 1, statements: ["CREATE TABLE one (a INTEGER)"] };
  const broken = { version: 2, statements: ["CREATE TABLE two (a INTEGER)", "INSERT INTO nowhere VALUES (1)"] };
  await expect(migrate(connection, "x", [one, broken])).rejects.toThrow("nowhere");
  expect(await names(tables)).toEqual(["one", "schema_version"]);
  expect(await queryRows(connection, "SELECT version FROM schema_version")).toEqual([{ version: 1 }]);
});

test("a database of a newer DeltaScope is refused and left as it is", async () => {
  const file = path.join(temporaryFolder("newer"), "store.duckdb");
  await (await openStore(file)).close();
  const newer = await DuckDBInstance.create(file);
  await (await newer.connect()).run("INSERT INTO schema_version VALUES (99, 'later')");
  newer.closeSync();
  await expect(openStore(file)).rejects.toMatchObject({ code: "store.newer", message: expect.stringContaining("99") });
  await expect(openStore(file)).rejects.toMatchObject({ code: "store.newer" });
});
