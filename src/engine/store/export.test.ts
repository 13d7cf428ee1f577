import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { plainAnalysis, plainModule, plainRun } from "../../../test/builders/store-records.ts";
import { openStore } from "./open-store.ts";
import type { Store } from "./types.ts";

const folder = temporaryFolder("export");
let store: Store;

beforeAll(async () => {
  store = await openStore(path.join(folder, "store.duckdb"));
  await store.putAnalysis(plainAnalysis("a"));
  await store.putAnalysis(plainAnalysis("b", { kind: "full" }));
  const module = (name: string, layer: number, seconds: number) => plainModule(name, { layer, seconds });
  await store.putModules([
    { analysis: "a", module: module("layers.10.q", 10, 0.1 + 0.2) },
    { analysis: "a", module: module("layers.2.q", 2, 5e-324) },
    { analysis: "a", module: module("left.out", 0, 1) },
    { analysis: "b", module: module('with "quotes", and commas', 0, 1e300) },
  ]);
  const members = [
    { analysis: "b", label: "fft", path: "/models/fft", modules: undefined },
    { analysis: "a", label: "lora", path: "/models/lora", modules: ["layers.2.q", "layers.10.q"] },
  ];
  await store.startRun(plainRun("r", { members }));
});

afterAll(() => store.close());

function target(name: string): string {
  const place = path.join(folder, `out ${name}`);
  mkdirSync(place);
  return path.join(place, name);
}

/** Cells of comma-separated text with quoted cells (RFC 4180). */
function cells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? "",
  );
}

function readCsv(file: string): Record<string, string>[] {
  const [header = "", ...lines] = readFileSync(file, "utf8").trimEnd().split("\n");
  const names = cells(header);
  return lines.map((line) => Object.fromEntries(cells(line).map((cell, index) => [names[index], cell])));
}

async function readParquet(file: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const reader = await (await instance.connect()).runAndReadAll("SELECT * FROM read_parquet($1)", [file]);
  const rows = reader.getRowObjectsJS();
  instance.closeSync();
  return rows;
}

test("CSV: one row per run and module, by member, layer and name, numbers to the last bit", async () => {
  const file = target('it\'s 100 % "ok" – ünïcode; DROP TABLE run.csv');
  await store.exportModules("r", "csv", file);
  const rows = readCsv(file);
  expect(rows.map((row) => [row.run, row.run_kind, row.name])).toEqual([
    ["fft", "full", 'with "quotes", and commas'],
    ["lora", "adapter", "layers.2.q"],
    ["lora", "adapter", "layers.10.q"],
  ]);
  expect(rows.map((row) => Number(row.seconds))).toEqual([1e300, 5e-324, 0.1 + 0.2]);
  expect(rows[1]).toMatchObject({
    shape_out: "896",
    delta_frobenius: "0.1",
    effective_rank_entropy: "",
    decay_law: "",
  });
  expect(JSON.parse(rows[1]?.delta_singular_values ?? "")).toEqual([0.05, 0.04]);
  expect(JSON.parse(rows[1]?.vectors ?? "")).toEqual(plainModule("any").vectors);
  expect(readdirSync(path.dirname(file))).toHaveLength(1);
});

test("Parquet: lists and vectors are nested, names in snake case", async () => {
  const file = target("it's.parquet");
  await store.exportModules("r", "parquet", file);
  const rows = await readParquet(file);
  expect(rows).toHaveLength(3);
  expect(rows[2]).toMatchObject({
    ...{ run: "lora", name: "layers.10.q", seconds: 0.1 + 0.2, delta_singular_values: [0.05, 0.04] },
    vectors: [
      {
        ...{ index: 0, singular_value: 7.1, max_cosine: { lower: 0.1, upper: 0.2 }, intruder: true, p_value: 1e-300 },
        ...{ energy_share: 0.1, delta_share: 0.2, word: "new, partly aligned", span_energy: 0.5, best_index: null },
      },
    ],
  });
});

test("a name that looks like a compressed file or a pattern is just a name", async () => {
  const file = target("x*{uuid}.csv.gz");
  await store.exportModules("r", "csv", file);
  expect(readFileSync(file, "utf8")).toMatch(/^run,run_kind,/);
});

test("an existing file is replaced as a whole", async () => {
  const file = target("old.csv");
  writeFileSync(file, "x".repeat(100_000));
  await store.exportModules("r", "csv", file);
  expect(readCsv(file)).toHaveLength(3);
});

test("more rows than fit into one group of a Parquet file or one vector of the database", async () => {
  const modules = Array.from({ length: 5000 }, (_, index) => plainModule(`expert ${index}`, { layer: index % 7 }));
  await store.putModules(modules.map((module) => ({ analysis: "many", module })));
  await store.putAnalysis(plainAnalysis("many"));
  await store.startRun(
    plainRun("many", { members: [{ analysis: "many", label: "m", path: "/m", modules: undefined }] }),
  );
  const file = target("many.parquet");
  await store.exportModules("many", "parquet", file);
  const rows = (await readParquet(file)) as { name: string; layer: number }[];
  expect(new Set(rows.map(({ name }) => name)).size).toBe(5000);
  expect(rows.map(({ layer }) => layer)).toEqual(rows.map(({ layer }) => layer).sort((a, b) => a - b));
});

test("a run without modules gives a file with the header only", async () => {
  await store.startRun(plainRun("empty", { members: [] }));
  const file = target("empty.csv");
  await store.exportModules("empty", "csv", file);
  expect(readFileSync(file, "utf8").trimEnd().split("\n")).toHaveLength(1);
});

test("an unknown run", async () => {
  const file = target("none.csv");
  await expect(store.exportModules("nowhere", "csv", file)).rejects.toMatchObject({ code: "run.not-found" });
  expect(readdirSync(path.dirname(file))).toEqual([]);
});

test.each([
  ["a folder that is not there", (place: string) => path.join(place, "nowhere", "x.csv")],
  ["a file where a folder should be", (place: string) => path.join(place, "file", "x.csv")],
  ["a folder of that name", (place: string) => path.join(place, "folder")],
])("%s: output.unwritable, and nothing is left behind", async (label, makeTarget) => {
  const place = path.dirname(target(`${label}.csv`));
  mkdirSync(path.join(place, "folder"));
  writeFileSync(path.join(place, "file"), "here");
  const file = makeTarget(place);
  for (const format of ["csv", "parquet"] as const) {
    await expect(store.exportModules("r", format, file)).rejects.toMatchObject({
      code: "output.unwritable",
      where: file,
      message: expect.stringContaining(file),
    });
  }
  expect(readdirSync(place).sort()).toEqual(["file", "folder"]);
  expect(await store.run("r")).toBeDefined();
});
