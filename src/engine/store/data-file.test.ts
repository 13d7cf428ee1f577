import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { readDataRows } from "./data-file.ts";

const folder = temporaryFolder();
const limits = { rows: 100, rowBytes: 1000 };

async function writeParquet(name: string, query: string): Promise<string> {
  const file = join(folder, name);
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO '${file.replaceAll("'", "''")}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return file;
}

test("rows of a Parquet file keep their order, nesting and types; its name may hold anything", async () => {
  const query = "SELECT range::BIGINT AS label, {'text': ['a', 'é\n']} AS choices, range = 1 AS flag FROM range(3)";
  const file = await writeParquet("it's [a] *? モデル.parquet", query);
  expect((await readDataRows(file, "parquet", limits)).map((row) => JSON.parse(row))).toEqual(
    [0, 1, 2].map((label) => ({ label, choices: { text: ["a", "é\n"] }, flag: label === 1 })),
  );
});

test("CSV comes as texts with its first row", async () => {
  const file = join(folder, "a.csv");
  writeFileSync(file, 'q,"a\nb",c\n1,02,\n');
  const rows = await readDataRows(file, "csv", limits);
  expect(rows.map((row) => Object.values(JSON.parse(row)))).toEqual([
    ["q", "a\nb", "c"],
    ["1", "02", null],
  ]);
});

test("one row more than the limit is read, and rows that are too long come empty", async () => {
  const file = await writeParquet("long.parquet", "SELECT repeat('a', range * 300) AS text FROM range(200)");
  const rows = await readDataRows(file, "parquet", limits);
  expect(rows).toHaveLength(101);
  expect(rows.map((row) => row !== "")).toEqual(rows.map((_, index) => index <= 3));
});

test("a damaged file is an error, and a folder is not read", async () => {
  const file = join(folder, "bad.parquet");
  writeFileSync(file, "PAR1 nothing PAR1");
  await expect(readDataRows(file, "parquet", limits)).rejects.toThrow(/bad\.parquet/);
  mkdirSync(join(folder, "inner"));
  await expect(readDataRows(join(folder, "inner"), "parquet", limits)).rejects.toThrow();
});

test("a file of the Hub's cache is a link out of its folder, to a blob without an ending", async () => {
  const blob = await writeParquet("blob", "SELECT 1 AS label");
  const snapshot = join(folder, "snapshot", "data");
  mkdirSync(snapshot, { recursive: true });
  symlinkSync(blob, join(snapshot, "test.parquet"));
  expect(await readDataRows(join(snapshot, "test.parquet"), "parquet", limits)).toEqual(['{"label":1}']);
});
