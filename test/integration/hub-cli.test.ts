/** The Hub through the command line as a process: look, download, work, stop, go on, and work without it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { downloadDocument, failureDocument } from "../../src/contract/documents.ts";
import { analysisDocument } from "../../src/contract/domain/analysis.ts";
import { inspectDocument } from "../../src/contract/domain/checkpoint.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { shardName, writeAdapter, writeCheckpoint } from "../builders/checkpoint.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { type HubServer, sha256, startHub } from "../builders/hub-server.ts";

const program = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const token = "hf_verysecret";

let hub: HubServer;
let home: string;
let base: string;
let commits: { base: string; lora: string };

beforeEach(async () => {
  hub = await startHub();
  home = temporaryFolder("home");
  base = writeCheckpoint(join(home, "base"), { shape: { vocabulary: 3000 } });
  writeAdapter(join(home, "lora"), { config: { base_model_name_or_path: "owner/base" } });
  commits = {
    base: hub.publish("owner/base", base, { licence: "apache-2.0" }),
    lora: hub.publish("owner/lora", join(home, "lora"), { gated: token }),
  };
});
afterEach(() => hub.close());

const cache = (): string => join(home, "cache");
const weights = (): string => sha256(readFileSync(join(base, "model.safetensors")));
const part = (): string => join(cache(), "models--owner--base", "blobs", `${weights()}.deltascope.incomplete`);

function start(words: string[], more: Record<string, string> = {}): ChildProcess {
  const kept = Object.entries(process.env).filter(([name]) => !/^(HF_|TRANSFORMERS_)/.test(name));
  const hubs = { HF_ENDPOINT: hub.endpoint, HF_HOME: home, HF_HUB_CACHE: cache(), HF_TOKEN: token };
  const env = { ...Object.fromEntries(kept), ...hubs, ...more };
  const folder = words.includes("--workspace") ? [] : ["--workspace", join(home, "workspace")];
  return spawn(process.execPath, ["--no-warnings", program, ...words, ...folder], { env, cwd: home });
}

async function ended(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  const result = { code: null as number | null, out: "", err: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    result.out += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    result.err += text;
  });
  const [code] = await once(child, "close");
  expect(result.out + result.err).not.toContain(token);
  return { ...result, code: code as number | null };
}

const run = (words: string[], more?: Record<string, string>) => ended(start(words, more));

test("inspect reads headers only, and names licence and size", async () => {
  const { code, out, err } = await run(["inspect", "owner/base", "hf://owner/lora", "--json"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const [model, adapter] = inspectDocument.parse(JSON.parse(out)).items;
  expect(model).toMatchObject({ repository: "owner/base", revision: commits.base, kind: "full" });
  expect(model?.hub).toMatchObject({ licence: "apache-2.0", gated: false });
  expect(adapter).toMatchObject({ kind: "adapter", adapter: { rank: 4, scale: 2 }, hub: { gated: true } });
  expect(existsSync(cache())).toBe(false);
  const text = await run(["inspect", "owner/base"]);
  expect(text.out).toMatch(/licence {7}apache-2\.0/);
  expect(text.out).toMatch(/download {6}2 files, 210\.8 kB/);
});

test("analyze brings what it needs, says so, and gives the numbers of the same files; then it needs no Hub", async () => {
  const words = ["analyze", "--base", "owner/base", "--tuned", "mine=hf://owner/lora@main", "--json"];
  const { code, out, err } = await run(words);
  expect(code).toBe(0);
  expect(err).toMatch(/owner\/base at [0-9a-f]{7}: 2 files, .* to load; licence apache-2\.0\./);
  expect(err).toMatch(/download: .* of .*B/);
  const document = analysisDocument.parse(JSON.parse(out));
  expect(document.base.path).toBe(`hf://owner/base@${commits.base}`);
  expect(document.runs[0]).toMatchObject({ label: "mine", path: `hf://owner/lora@${commits.lora}` });

  const engine = openEngine({ workspace: join(home, "other") });
  const tuned = [{ label: "mine", path: join(home, "lora") }];
  const settings = document.settings;
  let analysis = "";
  for await (const event of await engine.client.analysis.run({ base, tuned, settings, embeddings: false })) {
    if (event.type === "finished") analysis = event.analysis;
  }
  const local = await engine.client.analysis.document({ analysis });
  await engine.close();
  expect(document.base.fingerprint).toBe(local.base.fingerprint);
  expect(document.runs[0]?.totals).toEqual(local.runs[0]?.totals);

  await hub.close();
  hub = await startHub();
  const again = await run(words, { HF_HUB_OFFLINE: "1" });
  expect(again.code).toBe(0);
  expect(analysisDocument.parse(JSON.parse(again.out)).provenance).toMatchObject({ computed: 0 });
  expect(hub.seen).toEqual([]);
});

test("Ctrl-C in a download keeps the part; the same command goes on from it", async () => {
  hub.fail({ at: weights(), host: "store", hangAfter: 60_000 });
  const child = start(["download", "owner/base", "--json"]);
  const stopped = ended(child);
  await vi.waitFor(() => expect(statSync(part()).size).toBe(60_000), { timeout: 60_000, interval: 50 });
  child.kill("SIGINT");
  const { code, err } = await stopped;
  expect(code).toBe(130);
  expect(err).toMatch(
    /Cancelling; what was loaded is kept\..*error job\.cancelled: The download was cancelled; .* are kept\./s,
  );
  hub.seen.length = 0;
  const { code: done, out } = await run(["download", "owner/base", "--json", "--quiet"]);
  expect(done).toBe(0);
  const [model] = downloadDocument.parse(JSON.parse(out)).models;
  expect(model).toMatchObject({ asked: "owner/base", location: `hf://owner/base@${commits.base}` });
  expect(readdirSync(model?.folder ?? "").sort()).toEqual(["config.json", "model.safetensors"]);
  expect(hub.loads().filter(({ host }) => host === "store")).toMatchObject([{ range: "bytes=60000-" }]);
});

test.each([
  ["a model that does not exist", ["download", "owner/none"], {}, "hub.not-found"],
  ["a gated one without a token", ["download", "owner/lora"], { HF_TOKEN: "" }, "hub.gated"],
  ["offline", ["inspect", "hf://owner/base"], { HF_HUB_OFFLINE: "1" }, "hub.offline"],
  ["a path that climbs", ["inspect", "hf://../../etc"], {}, "source.not-found"],
  ["no id", ["download", "./base"], {}, "usage.invalid"],
])("%s", async (_, words, more, expected) => {
  const { code, out } = await run([...words, "--json"], more);
  const { error } = failureDocument.parse(JSON.parse(out));
  expect(error).toMatchObject({ code: expected, tip: expect.any(String) });
  expect(code).toBe(expected === "usage.invalid" ? 2 : 1);
});

test("with the network off nothing is asked, whether the workspace is free or held", async () => {
  const engine = openEngine({ workspace: join(home, "workspace") });
  await engine.client.workspace.configure({ network: "off" });
  const held = await run(["inspect", "owner/base", "--json"]);
  await engine.close();
  const free = await run(["inspect", "owner/base", "--json"]);
  for (const { out, code } of [held, free]) {
    expect(code).toBe(1);
    expect(failureDocument.parse(JSON.parse(out)).error).toMatchObject({ code: "hub.network-off" });
  }
  expect(hub.seen).toEqual([]);
});

test("a folder of that name goes first", async () => {
  writeCheckpoint(join(home, "owner", "base"), { shape: { layers: 1 } });
  const { out } = await run(["inspect", "owner/base", "--json"]);
  expect(inspectDocument.parse(JSON.parse(out)).items[0]).toMatchObject({
    repository: null,
    checkpoint: { layers: 1 },
  });
  expect(hub.seen).toEqual([]);
});

test("a download that is killed leaves its lock; another one that waits takes over and goes on", async () => {
  hub.fail({ at: weights(), host: "store", hangAfter: 60_000 });
  const first = start(["download", "owner/base"]);
  const killed = once(first, "close");
  await vi.waitFor(() => expect(statSync(part()).size).toBe(60_000), { timeout: 60_000, interval: 50 });
  const second = ended(start(["download", "owner/base", "--json", "--workspace", join(home, "other")]));
  await vi.waitFor(() => expect(hub.seen.filter(({ path }) => path.includes("/tree/"))).toHaveLength(2), {
    timeout: 60_000,
  });
  first.kill("SIGKILL");
  await killed;
  const { code, out } = await second;
  expect(code).toBe(0);
  const [model] = downloadDocument.parse(JSON.parse(out)).models;
  expect(readFileSync(join(model?.folder ?? "", "model.safetensors"))).toEqual(
    readFileSync(join(base, "model.safetensors")),
  );
  expect(hub.loads().filter(({ host }) => host === "store")).toMatchObject([{}, { range: "bytes=60000-" }]);
  expect(readdirSync(join(cache(), "models--owner--base", "blobs")).some((name) => name.includes(".deltascope"))).toBe(
    false,
  );
});

test("half a model, and the Hub may not be asked: what is missing is named", async () => {
  hub.publish("owner/two", writeCheckpoint(join(home, "two"), { shards: 2 }));
  await run(["download", "owner/two"]);
  const snapshots = join(cache(), "models--owner--two", "snapshots");
  rmSync(join(snapshots, readdirSync(snapshots)[0] ?? "", shardName(1, 2)));
  for (const words of [
    ["inspect", "owner/two"],
    ["analyze", "--base", "owner/two", "--tuned", base],
  ]) {
    const { code, out } = await run([...words, "--json"], { HF_HUB_OFFLINE: "1" });
    expect(code).toBe(1);
    expect(failureDocument.parse(JSON.parse(out)).error).toMatchObject({ code: "checkpoint.shard-missing" });
  }
});
