/** Recipes that name base and data by their ids, through the command line as a process: told, brought when asked, trained from here. */
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bundledDemo } from "../../src/engine/demo/demo.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { type HubServer, startHub } from "../builders/hub-server.ts";

const program = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
let hub: HubServer;
let home: string;
let commits: { base: string; rows: string };

beforeEach(async () => {
  hub = await startHub();
  home = temporaryFolder("home");
  const rows = join(home, "rows");
  mkdirSync(join(rows, "data"), { recursive: true });
  const row = JSON.stringify({ instruction: "Is it?", input: "", output: "Yes" });
  writeFileSync(join(rows, "data", "train.jsonl"), `${row}\n`.repeat(40));
  writeFileSync(join(rows, "data", "test.jsonl"), `${row}\n`);
  cpSync(join(bundledDemo, "base"), join(home, "model"), { recursive: true });
  commits = {
    base: hub.publish("owner/base", join(home, "model"), { licence: "apache-2.0" }),
    rows: hub.publish("datasets/owner/rows", rows, { licence: "cc-by-sa-3.0" }),
  };
  const recipe = [
    "preset: quick-demo",
    "base: { path: owner/base }",
    "data: { files: [{ path: owner/rows, format: alpaca }] }",
    "device: nowhere",
  ];
  writeFileSync(join(home, "recipe.yaml"), `${recipe.join("\n")}\n`);
});
afterEach(() => hub.close());

function run(words: string[], more: Record<string, string> = {}): Promise<{ out: string; err: string }> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(HF_|TRANSFORMERS_)/.test(name));
  const env = { ...Object.fromEntries(kept), HF_ENDPOINT: hub.endpoint, HF_HOME: home, DELTASCOPE_PYTHON: "", ...more };
  const all = ["--no-warnings", program, ...words, "--workspace", join(home, "workspace")];
  return new Promise((resolve) => {
    execFile(process.execPath, all, { env, cwd: home }, (_, out, err) => resolve({ out, err }));
  });
}

const snapshot = (type: string, name: string, commit: string) =>
  join(home, "hub", `${type}--owner--${name}`, "snapshots", commit);

test("without a word nothing is loaded: size, terms and the way to it are told", async () => {
  const { err } = await run(["train", "recipe.yaml"]);
  expect(err).toMatch(/error recipe\.yaml:2: base\.path: .*owner\/base.* is neither a path here/);
  expect(err).toMatch(/owner\/base at [0-9a-f]{7}: \d+ files, .* to load; licence apache-2\.0\./);
  expect(err).toMatch(/owner\/rows at [0-9a-f]{7}: 1 file, .* to load; licence cc-by-sa-3\.0\./);
  expect(err).toContain("Add --download to bring this first.");
  expect(existsSync(join(home, "hub"))).toBe(false);
  const offline = await run(["train", "recipe.yaml"], { HF_HUB_OFFLINE: "1" });
  expect(offline.err).toContain("HF_HUB_OFFLINE is set");
});

test("with --download base and the wanted rows come, and the recipe is checked with them", async () => {
  const { err } = await run(["train", "recipe.yaml", "--download"]);
  expect(err).not.toContain("base.path");
  expect(err).not.toContain("data.files");
  expect(readdirSync(snapshot("models", "base", commits.base))).toContain("model.safetensors");
  expect(readdirSync(join(snapshot("datasets", "rows", commits.rows), "data"))).toEqual(["train.jsonl"]);
  hub.seen.length = 0;
  await run(["train", "recipe.yaml", "--download"]);
  expect(hub.seen).toEqual([]);
});

test("download takes data sets too", async () => {
  const { out } = await run(["download", "datasets/owner/rows"]);
  expect(out).toContain(`hf://datasets/owner/rows@${commits.rows}`);
  expect(readdirSync(join(snapshot("datasets", "rows", commits.rows), "data"))).toEqual(["test.jsonl", "train.jsonl"]);
});
