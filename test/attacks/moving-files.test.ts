/** Weights that change while they are analysed: what was measured stays, the rest is named, and the work ends. */
import { execFileSync } from "node:child_process";
import { appendFileSync, copyFileSync, mkdirSync, renameSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { analysisSpec, type ModuleMeasures } from "../../src/contract/domain/analysis.ts";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { writeCheckpoint } from "../builders/checkpoint.ts";
import { temporaryFolder } from "../builders/folders.ts";

const shape = { layers: 4, hidden: 192, intermediate: 256, keyValue: 64 };
const shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];

let engine: Engine;
beforeAll(() => {
  engine = openEngine({ workspace: temporaryFolder("workspace"), threads: 1 });
});
afterAll(() => engine.close());

const changes: [string, string, (file: string) => void][] = [
  ["cut off", "source.truncated", (file) => truncateSync(file, 5000)],
  ["written on", "source.changed", (file) => appendFileSync(file, "x")],
  ["replaced by a copy", "source.changed", replace],
  ["removed", "source.unreadable", (file) => rmSync(file)],
  ["replaced by a folder", "source.unreadable", instead(mkdirSync)],
  ["replaced by a pipe", "source.unreadable", instead((file) => execFileSync("mkfifo", [file]))],
];

function instead(make: (file: string) => unknown): (file: string) => void {
  return (file) => {
    rmSync(file);
    make(file);
  };
}

function replace(file: string): void {
  copyFileSync(file, `${file}.new`);
  renameSync(`${file}.new`, file);
}

test.skipIf(process.platform === "win32").each(changes)("%s: %s", async (_name, code, change) => {
  const folder = temporaryFolder();
  const base = writeCheckpoint(join(folder, "base"), { shape });
  const path = writeCheckpoint(join(folder, "tuned"), { shape, shards: shards.length, seed: 5 });
  const spec = analysisSpec.parse({ base, tuned: [{ label: "tuned", path }], settings: {}, threads: 1 });
  const told: ModuleMeasures[] = [];
  let analysis = "";
  for await (const event of await engine.client.analysis.run(spec)) {
    if (event.type === "finished") analysis = event.analysis;
    if (event.type !== "module") continue;
    if (told.push(event.module) === 1) for (const shard of shards) change(join(path, shard));
  }
  const codes = told.map(({ error }) => error?.code ?? "measured");
  expect(new Set(codes)).toEqual(new Set(["measured", code]));
  expect(codes[0]).toBe("measured");
  const [run] = (await engine.client.analysis.document({ analysis })).runs;
  const measured = run?.modules.filter(({ status }) => status === "measured") ?? [];
  expect(measured).toHaveLength(codes.filter((one) => one === "measured").length);
});
