import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { fc } from "../../../test/builders/properties.ts";
import { arbitraryModule, plainAnalysis, plainModule, plainRun } from "../../../test/builders/store-records.ts";
import { moduleRowOf } from "../views/module-row.ts";
import { statements as firstVersion } from "./migrations/0001-analyses-and-runs.ts";
import { openStore } from "./open-store.ts";
import type { LibraryRecord, Store } from "./types.ts";

let file: string;
let store: Store;
beforeEach(async () => {
  file = path.join(temporaryFolder("app tables"), "store.duckdb");
  store = await openStore(file);
});
afterEach(() => store.close());

test("rows from the store are those made of the measures, whatever the numbers", async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryModule, { minLength: 1, maxLength: 4 }), async (modules) => {
      const analysis = `analysis ${count++}`;
      const named = modules.map((module, index) => ({ ...module, name: `m${index}` }));
      await store.putModules(named.map((module) => ({ analysis, module })));
      const cells = new Map((await store.cells([analysis])).map((row) => [row.name, row]));
      for (const module of named) expect(cells.get(module.name)).toStrictEqual(moduleRowOf(analysis, module));
    }),
    { numRuns: 60 },
  );
});

test("rows come in the order of the analyses asked, then by layer and name", async () => {
  const put = (analysis: string, name: string, layer: number | null) =>
    store.putModules([{ analysis, module: plainModule(name, { layer }) }]);
  await put("a", "z", 0);
  await put("b", "y", 1);
  await put("b", "x", 1);
  await put("b", "head", null);
  await put("c", "unasked", 0);
  const rows = await store.cells(["b", "a"]);
  expect(rows.map(({ analysis, name }) => `${analysis} ${name}`)).toEqual(["b x", "b y", "b head", "a z"]);
});

test("tests are the modules without long lists and with their sides", async () => {
  const module = plainModule("m");
  await store.putModules([{ analysis: "a", module }]);
  const [tested] = await store.tests("a");
  expect(tested?.delta?.singularValues).toEqual([]);
  expect(tested?.tuned?.singularValues).toEqual([]);
  expect({ ...tested, delta: null, tuned: null, vectors: null }).toEqual({
    ...module,
    delta: null,
    tuned: null,
    vectors: null,
  });
});

test("a version counts changes of one analysis", async () => {
  const before = store.version("a");
  await store.putModules([{ analysis: "a", module: plainModule("m") }]);
  expect(store.version("a")).toBeGreaterThan(before);
  expect(store.version("b")).toBe(0);
});

test("summaries count rows and know how many there will be", async () => {
  await store.putAnalysis(plainAnalysis("one", { matrices: 3 }));
  await store.putAnalysis(plainAnalysis("two", { matrices: undefined }));
  await store.putModules(["m0", "m1"].map((name) => ({ analysis: "one", module: plainModule(name, { layer: 4 }) })));
  const member = { label: "l", path: "/p", modules: ["m0", "m1", "m2", "m3"] };
  const members = [
    { ...member, analysis: "two" },
    { ...member, analysis: "one" },
  ];
  await store.startRun(plainRun("r", { members, startedAt: "2026-02-02T00:00:00.000Z" }));
  const summaries = new Map((await store.analyses()).map((summary) => [summary.id, summary]));
  expect(summaries.get("one")).toMatchObject({
    stored: 2,
    total: 3,
    layers: 5,
    lastAskedAt: "2026-02-02T00:00:00.000Z",
  });
  expect(summaries.get("two")).toMatchObject({ stored: 0, total: 4, layers: 0, planned: member.modules });
});

test("an analysis is found by the start of its id, with the newest run that asked it", async () => {
  await store.putAnalysis(plainAnalysis("abc123"));
  await store.putAnalysis(plainAnalysis("abd456"));
  const members = [{ analysis: "abd456", label: "l", path: "/p", modules: undefined }];
  await store.startRun(plainRun("old", { members, startedAt: "2026-01-01T00:00:00.000Z" }));
  await store.startRun(plainRun("new", { members, startedAt: "2026-03-01T00:00:00.000Z" }));
  const found = await store.findAnalysis("abd");
  expect([found?.record.id, found?.newest?.run.id]).toEqual(["abd456", "new"]);
  expect((await store.findAnalysis("abc123"))?.newest).toBeUndefined();
  expect(await store.findAnalysis("%")).toBeUndefined();
});

const item: LibraryRecord = {
  id: "i",
  path: "/models/ä b",
  label: "ä b",
  kind: "unknown",
  base: undefined,
  assigned: false,
  addedAt: "2026-01-01T00:00:00.000Z",
  removedAt: undefined,
  fingerprint: undefined,
  bytes: null,
  inspection: null,
  error: { code: "source.empty", message: "nothing here", retryable: false },
};

test("library items are kept, replaced by id, and stay in the order of adding", async () => {
  const later = { ...item, id: "j", addedAt: "2026-01-02T00:00:00.000Z", hint: "/models/base", base: "i" };
  await store.putLibrary([later, item]);
  await store.putLibrary([{ ...item, removedAt: "2026-01-03T00:00:00.000Z" }]);
  expect(await store.library()).toEqual([{ ...item, removedAt: "2026-01-03T00:00:00.000Z" }, later]);
});

test("letters are given once and never again", async () => {
  await store.giveLetters(["a", "b", "a"]);
  await store.giveLetters(["c", "b"]);
  expect([...(await store.letters())]).toEqual([
    ["a", 0],
    ["b", 1],
    ["c", 2],
  ]);
});

test("settings are replaced key by key", async () => {
  await store.putSettings({ threads: 2, theme: "dark" });
  await store.putSettings({ threads: null });
  expect(await store.settings()).toEqual({ threads: null, theme: "dark" });
});

test("an exact view comes back byte for byte", async () => {
  const key = { analysis: "a", name: "m", side: "left" as const };
  const cosines = new Uint8Array(Float32Array.of(0, 0.25, 1, 0.5, 0.125, 0.75).buffer);
  const view = {
    ...key,
    rows: 2,
    columns: 3,
    cosines,
    best: [1, 0.75],
    base: [3, 2, 1],
    tuned: [4, 2, 0],
    seconds: 0.5,
  };
  await store.putExactViews([view]);
  await store.putExactViews([{ ...view, seconds: 1 }]);
  expect(await store.exactView(key)).toEqual({ ...view, seconds: 1 });
  expect(await store.exactView({ ...key, side: "right" })).toBeUndefined();
});

test("a workspace of version 1 is taken over with its bounds", async () => {
  const old = path.join(temporaryFolder("old workspace"), "store.duckdb");
  const instance = await DuckDBInstance.create(old);
  const connection = await instance.connect();
  for (const sql of ["CREATE TABLE schema_version (version INTEGER, applied_at VARCHAR)", ...firstVersion]) {
    await connection.run(sql);
  }
  const vector = { maxCosine: { lower: 0.25, upper: 0.5 }, deltaShare: 0.125 };
  await connection.run("INSERT INTO schema_version VALUES (1, 'then')");
  await connection.run(
    `INSERT INTO module BY NAME SELECT 'a' AS analysis, 'm' AS name, 'q_proj' AS kind, 'attention' AS "group",
       8 AS shape_out, 8 AS shape_in, 'measured' AS status, 1.0 AS seconds, $1 AS sides`,
    [JSON.stringify({ left: { vectors: [vector] } })],
  );
  connection.closeSync();
  instance.closeSync();
  const opened = await openStore(old);
  const [row] = await opened.cells(["a"]);
  expect(row?.bounds).toEqual({ left: { lower: [0.25], upper: [0.5], deltaShare: [0.125] }, right: null });
  await opened.close();
});
