import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { plainModule } from "../../../test/builders/store-records.ts";
import { openStore } from "./open-store.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = temporaryFolder("säve d");
  file = path.join(folder, "store.duckdb");
});

async function fill(): Promise<void> {
  const store = await openStore(file);
  const rows = Array.from({ length: 300 }, (_, index) => ({ analysis: "a", module: plainModule(`m${index}`) }));
  await store.putModules(rows);
  await store.close();
}

/** Inverts 64 bytes at a share of the file. */
function damage(share: number): Buffer {
  const bytes = readFileSync(file);
  const start = Math.floor(bytes.length * share);
  for (let index = start; index < Math.min(start + 64, bytes.length); index += 1) bytes[index] = ~(bytes[index] ?? 0);
  writeFileSync(file, bytes);
  return bytes;
}

test.each([
  ["a text file", () => Buffer.from("not a database")],
  ["an empty file", () => Buffer.alloc(0)],
  ["a database cut short", () => readFileSync(file).subarray(0, 6_000)],
])("%s is moved aside with its log, kept, and a new database started", async (_, makeBytes) => {
  await fill();
  const bytes = makeBytes();
  writeFileSync(file, bytes);
  writeFileSync(`${file}.wal`, "its log");
  const store = await openStore(file);
  const movedTo = store.recovered?.movedTo ?? "";
  expect(path.basename(movedTo)).toMatch(/^store\.duckdb\.damaged-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z$/);
  expect(readFileSync(movedTo)).toEqual(bytes);
  expect(readFileSync(`${movedTo}.wal`, "utf8")).toBe("its log");
  await store.putModules([{ analysis: "a", module: plainModule("new") }]);
  expect(await store.storedModules("a")).toEqual(new Set(["new"]));
  await store.close();
});

test("damage that shows only when rows are read is an error now and moved aside at the next opening", async () => {
  await fill();
  const bytes = damage(0.3);
  const store = await openStore(file);
  expect(store.recovered).toBeUndefined();
  await expect(store.modules("a")).rejects.toMatchObject({ code: "store.failed", where: file });
  await store.close();
  const next = await openStore(file);
  expect(statSync(next.recovered?.movedTo ?? "").size).toBeGreaterThanOrEqual(bytes.length);
  expect(await next.modules("a")).toEqual([]);
  await next.close();
  const last = await openStore(file);
  expect(last.recovered).toBeUndefined();
  await last.close();
});

test("a view that this program did not make is not followed", async () => {
  const secret = path.join(folder, "secret.csv");
  writeFileSync(secret, "analysis,name,status\na,hunter2,measured\n");
  const foreign = await DuckDBInstance.create(file);
  await (await foreign.connect()).run(
    `CREATE VIEW module AS SELECT * FROM read_csv('${secret.replaceAll("'", "''")}')`,
  );
  foreign.closeSync();
  const store = await openStore(file);
  expect(store.recovered?.movedTo).toBeDefined();
  expect(await store.storedModules("a")).toEqual(new Set());
  await store.close();
});

test("the same database is not opened twice in one process, also not by another name", async () => {
  const store = await openStore(file);
  symlinkSync(folder, path.join(folder, "again"));
  for (const name of [file, path.join(folder, "again", "store.duckdb"), `${folder}/./store.duckdb`]) {
    await expect(openStore(name)).rejects.toMatchObject({ code: "store.locked" });
  }
  await store.close();
  await (await openStore(file)).close();
});

test("two databases at once", async () => {
  const one = await openStore(file);
  const two = await openStore(path.join(folder, "other.duckdb"));
  await one.putModules([{ analysis: "a", module: plainModule("m") }]);
  expect(await two.storedModules("a")).toEqual(new Set());
  await Promise.all([one.close(), two.close()]);
});

test("a database that another process has open is locked and stays where it is", async () => {
  await fill();
  const url = JSON.stringify(import.meta.resolve("@duckdb/node-api"));
  const script = `const { DuckDBInstance } = await import(${url});
    const held = await DuckDBInstance.create(process.argv[1]); console.log("open"); process.stdin.on("data", () => process.exit());`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script, file], { stdio: "pipe" });
  await once(child.stdout, "data");
  await expect(openStore(file)).rejects.toMatchObject({
    code: "store.locked",
    message: expect.stringContaining(`pid ${child.pid}`),
  });
  expect(readdirSync(folder).filter((name) => name.includes("damaged"))).toEqual([]);
  child.stdin.write("end");
  await once(child, "exit");
  const store = await openStore(file);
  expect((await store.storedModules("a")).size).toBe(300);
  await store.close();
});

test("a place where no file can be made", async () => {
  mkdirSync(file);
  await expect(openStore(file)).rejects.toMatchObject({ name: "DeltaScopeError" });
  expect(existsSync(file)).toBe(true);
  await expect(openStore(path.join(folder, "no", "such", "folder.duckdb"))).rejects.toMatchObject({
    code: "store.failed",
  });
});
