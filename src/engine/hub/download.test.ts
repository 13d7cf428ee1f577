import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { shardName, writeAdapter, writeCheckpoint } from "../../../test/builders/checkpoint.ts";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { gitHash, type HubServer, sha256, startHub } from "../../../test/builders/hub-server.ts";
import { noKeychain } from "../../../test/builders/memory-keychain.ts";
import { toDeltaScopeError } from "../../contract/errors.ts";
import { parseHubId } from "../../contract/hub-id.ts";
import type { Progress } from "../../contract/progress.ts";
import { inspect } from "../inspect.ts";
import { type HubAccess, openHub } from "./access.ts";
import { download, planDownload } from "./download.ts";
import { findRepository } from "./repository.ts";

let hub: HubServer;
let model: string;
let cache: string;
let access: HubAccess;
const id = "owner/tiny";
const root = (): string => join(cache, "models--owner--tiny");
const weights = (): Buffer => readFileSync(join(model, "model.safetensors"));
const part = (): string => join(root(), "blobs", `${sha256(weights())}.deltascope.incomplete`);

beforeEach(async () => {
  hub = await startHub();
  model = temporaryFolder("model");
  cache = temporaryFolder("cache");
  vi.stubEnv("HF_HUB_CACHE", cache);
  const opened = await openHub(noKeychain, { HF_ENDPOINT: hub.endpoint, HF_HOME: temporaryFolder("home") });
  access = { ...opened, pause: async (_, signal) => signal.throwIfAborted() };
  writeCheckpoint(model, { shape: { vocabulary: 3000 } });
  writeFileSync(join(model, "tokenizer.json"), "{}");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
});

async function load(signal = new AbortController().signal, tell: (progress: Progress) => void = () => undefined) {
  const parsed = parseHubId(id);
  if (parsed === undefined) throw new Error(`${id} is no id`);
  const wanted = await planDownload(access, await findRepository(access, { ...parsed, type: "model" }, signal), signal);
  await download(access, wanted, signal, tell);
  return wanted;
}

test("the cache looks as Python's package leaves it, and opens without the Hub", async () => {
  writeFileSync(join(model, "pytorch_model.bin"), "pickle");
  writeFileSync(join(model, "README.md"), "# Tiny");
  const commit = hub.publish(id, model);
  const told: Progress[] = [];
  const { bytes, missingBytes } = await load(undefined, (progress) => told.push(progress));
  const snapshot = join(root(), "snapshots", commit);
  expect(readdirSync(snapshot).sort()).toEqual(["config.json", "model.safetensors", "tokenizer.json"]);
  expect(readFileSync(join(root(), "refs", "main"), "utf8")).toBe(commit);
  const names = { large: sha256(weights()), small: gitHash(readFileSync(join(model, "config.json"))) };
  expect(readdirSync(join(root(), "blobs")).sort()).toEqual(
    [gitHash(Buffer.from("{}")), names.large, names.small].sort(),
  );
  expect(readlinkSync(join(snapshot, "model.safetensors"))).toBe(`../../blobs/${names.large}`);
  expect(lstatSync(join(snapshot, "config.json")).isSymbolicLink()).toBe(true);
  for (const name of readdirSync(snapshot))
    expect(readFileSync(join(snapshot, name))).toEqual(readFileSync(join(model, name)));
  expect([bytes, missingBytes]).toEqual([told.at(-1)?.total, told.at(-1)?.done]);
  expect(told.at(-1)).toMatchObject({ phase: "download", unit: "bytes", remainingSeconds: 0 });
  await hub.close();
  const local = await inspect(model);
  expect(await inspect(id)).toMatchObject({ revision: commit, roles: local.roles, hub: null });
  expect((await inspect(`hf://${id}@${commit}`)).checkpoint?.fingerprint).toBe(local.checkpoint?.fingerprint);
});

test("what is there is not loaded again, and a new commit loads only what changed", async () => {
  const old = hub.publish(id, model);
  await load();
  const loads = hub.loads().length;
  expect(await load()).toMatchObject({ missingBytes: 0 });
  expect(hub.loads().length).toBe(loads);
  writeFileSync(join(model, "tokenizer.json"), '{"new": 1}');
  const commit = hub.publish(id, model);
  expect((await load()).missingBytes).toBe(10);
  expect(readFileSync(join(root(), "refs", "main"), "utf8")).toBe(commit);
  expect(readdirSync(join(root(), "snapshots")).sort()).toEqual([commit, old].sort());
});

test.each([
  ["connections that drop in the middle", { cutAfter: 70_000, times: 2 }],
  ["a content length that promises too much", { lie: { "content-length": "9999999" }, cutAfter: 100_000 }],
  ["a content length that promises too little", { lie: { "content-length": "66000" }, times: 2 }],
  ["errors of the store", { status: 503, times: 4 }],
  ["addresses of the store that have run out", { status: 403, times: 2 }],
  ["a server that knows no ranges", { ignoreRange: true, cutAfter: 80_000, times: 1 }],
])("%s: the file comes whole", async (_, fault) => {
  hub.publish(id, model);
  hub.fail({ at: sha256(weights()), host: "store", ...fault });
  await load();
  expect(readFileSync(join(root(), "blobs", sha256(weights())))).toEqual(weights());
  expect(existsSync(part())).toBe(false);
});

test("a connection that ends time and again leaves the part, and the next download goes on from it", async () => {
  hub.publish(id, model);
  hub.fail({ at: sha256(weights()), host: "store", cutAfter: 1000, times: 99 });
  await expect(load()).rejects.toMatchObject({ code: "hub.incomplete", retryable: true });
  // Five tries of 1000 bytes; what had come but was not read yet when a connection broke may be lost.
  const kept = statSync(part()).size;
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThanOrEqual(5000);
  expect(existsSync(join(root(), "snapshots"))).toBe(false);
  hub.mend();
  hub.seen.length = 0;
  const told: Progress[] = [];
  const { missingBytes, bytes } = await load(undefined, (progress) => told.push(progress));
  expect(told[0]?.done).toBe(bytes - missingBytes);
  expect(bytes - missingBytes).toBeGreaterThan(kept);
  expect(hub.loads().find(({ host }) => host === "store")?.range).toBe(`bytes=${kept}-`);
  expect(readFileSync(join(root(), "blobs", sha256(weights())))).toEqual(weights());
});

test("a cancelled download keeps its part and leaves no snapshot; resumed it ends", async () => {
  hub.publish(id, model);
  const stop = new AbortController();
  const told: Progress[] = [];
  hub.fail({ at: sha256(weights()), host: "store", hangAfter: 50_000 });
  const loading = load(stop.signal, (progress) => told.push(progress));
  loading.catch(() => undefined);
  await vi.waitFor(() => expect(statSync(part()).size).toBe(50_000));
  // What came last is told though nothing comes after it.
  await vi.waitFor(() => expect(told.at(-1)?.done).toBeGreaterThan(50_000));
  stop.abort();
  await expect(loading).rejects.toMatchObject({ code: "job.cancelled" });
  expect(statSync(part()).size).toBe(50_000);
  expect(readdirSync(join(root(), "blobs")).filter((name) => name.endsWith(".lock"))).toEqual([]);
  await load();
  expect(readFileSync(join(root(), "blobs", sha256(weights())))).toEqual(weights());
});

test("a damaged part is loaded anew; bytes that never fit their hash are not kept", async () => {
  hub.publish(id, model);
  mkdirSync(join(root(), "blobs"), { recursive: true });
  writeFileSync(part(), Buffer.alloc(60_000, 7));
  await load();
  expect(readFileSync(join(root(), "blobs", sha256(weights())))).toEqual(weights());

  const other = temporaryFolder("model");
  writeCheckpoint(other, { seed: 5 });
  hub.publish(id, other);
  const bytes = readFileSync(join(other, "model.safetensors"));
  const wrong = Buffer.from(bytes);
  wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1;
  hub.fail({ at: sha256(bytes), host: "store", body: wrong, times: 9 });
  await expect(load()).rejects.toMatchObject({ code: "hub.checksum" });
  const left = readdirSync(join(root(), "blobs")).filter((name) => name.startsWith(sha256(bytes)));
  expect(left).toEqual([]);
});

test("a small file that was altered on the way is noticed", async () => {
  hub.publish(id, model);
  hub.fail({ at: "tokenizer.json", body: Buffer.from("[]"), times: 9 });
  await expect(load()).rejects.toMatchObject({ code: "hub.checksum" });
});

test.each([
  ["longer", Buffer.alloc(999_999)],
  ["shorter", Buffer.alloc(9)],
])("a file that became %s between two requests ends the download", async (_, body) => {
  hub.publish(id, model);
  hub.fail({ at: sha256(weights()), host: "store", cutAfter: 1000 });
  hub.fail({ at: sha256(weights()), host: "store", body, times: 9 });
  await expect(load()).rejects.toMatchObject({ code: "hub.changed" });
});

test("two downloads of one file at once: one loads, both end", async () => {
  hub.publish(id, model);
  hub.fail({ at: sha256(weights()), host: "store", hangAfter: 10 });
  access = { ...access, pause: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 20))) };
  const stop = new AbortController();
  const first = load(stop.signal);
  first.catch(() => undefined);
  await vi.waitFor(() => expect(existsSync(part()) && statSync(part()).size).toBe(10));
  const second = load();
  const third = load();
  stop.abort();
  await expect(first).rejects.toMatchObject({ code: "job.cancelled" });
  await Promise.all([second, third]);
  expect(readFileSync(join(root(), "blobs", sha256(weights())))).toEqual(weights());
  // One part of ten bytes, and one request for the rest.
  expect(hub.seen.filter(({ host }) => host === "store").map(({ range }) => range)).toEqual([undefined, "bytes=10-"]);
});

test("a sharded model with another one beside it: only the shards of the index", async () => {
  const sharded = temporaryFolder("sharded");
  writeCheckpoint(sharded, { shards: 2 });
  writeFileSync(join(sharded, "consolidated.safetensors"), weights());
  const commit = hub.publish(id, sharded);
  await load();
  expect(readdirSync(join(root(), "snapshots", commit)).sort()).toEqual([
    "config.json",
    shardName(0, 2),
    shardName(1, 2),
    "model.safetensors.index.json",
  ]);
});

test("a cache that cannot be written", async () => {
  hub.publish(id, model);
  writeFileSync(join(cache, "models--owner--tiny"), "");
  await expect(load()).rejects.toMatchObject({ code: "output.unwritable" });
});

test("no room: refused before anything is loaded", async () => {
  hub.publish(id, model);
  const signal = new AbortController().signal;
  const repository = await findRepository(access, { repository: id, revision: undefined, type: "model" }, signal);
  const wanted = await planDownload(access, repository, signal);
  const loads = hub.loads().length;
  const huge = download(access, { ...wanted, missingBytes: 2 ** 52 }, signal, () => undefined);
  await expect(huge).rejects.toMatchObject({
    code: "hub.disk-full",
    message: expect.stringMatching(/4503599627370496 bytes/),
  });
  expect(hub.loads().length).toBe(loads);
});

test("the weights get their names last, small ones too: half a snapshot lacks them", async () => {
  const adapter = temporaryFolder("adapter");
  writeAdapter(adapter);
  writeFileSync(join(adapter, "tokenizer.json"), JSON.stringify({ words: "x".repeat(100_000) }));
  const commit = hub.publish(id, adapter);
  // A folder where the tokenizer belongs: the snapshot cannot be completed.
  mkdirSync(join(root(), "snapshots", commit, "tokenizer.json", "x"), { recursive: true });
  await expect(load()).rejects.toMatchObject({ code: "output.unwritable" });
  expect(readdirSync(join(root(), "snapshots", commit)).sort()).toEqual(["adapter_config.json", "tokenizer.json"]);
});

test("a lock of a host that is gone is waited for as long as something comes, then named", async () => {
  hub.publish(id, model);
  mkdirSync(join(root(), "blobs"), { recursive: true });
  const holder = { pid: 1, host: "elsewhere", startedAt: "", command: "", token: "0".repeat(32) };
  writeFileSync(`${part()}.lock`, JSON.stringify(holder));
  let waited = 0;
  const pause = async (ms: number): Promise<void> => {
    waited += ms;
    if (waited === 600_000) writeFileSync(part(), "x");
  };
  access = { ...access, pause };
  const error = await load().catch((thrown: unknown) => thrown as Error);
  expect(error).toMatchObject({ code: "output.unwritable", message: expect.stringContaining(`${part()}.lock`) });
  expect(waited).toBeGreaterThanOrEqual(1_500_000);
  expect(waited).toBeLessThan(1_600_000);
});

test("a whole model in a cache that cannot be written is there", async () => {
  hub.publish(id, model);
  await load();
  const before = statSync(join(root(), "refs", "main"), { bigint: true });
  await load();
  expect(statSync(join(root(), "refs", "main"), { bigint: true }).ino).toBe(before.ino);
});

test("an empty file is a file", async () => {
  writeFileSync(join(model, "merges.txt"), "");
  const commit = hub.publish(id, model);
  await load();
  expect(readFileSync(join(root(), "snapshots", commit, "merges.txt"))).toHaveLength(0);
});

test("cancelled while a part is hashed", async () => {
  hub.publish(id, model);
  mkdirSync(join(root(), "blobs"), { recursive: true });
  writeFileSync(part(), weights().subarray(0, 100_000));
  const stop = new AbortController();
  const loading = load(stop.signal, () => stop.abort());
  await expect(loading.catch((thrown: unknown) => Promise.reject(toDeltaScopeError(thrown)))).rejects.toMatchObject({
    code: "job.cancelled",
  });
  expect(readdirSync(join(root(), "blobs")).filter((name) => name.endsWith(".lock"))).toEqual([]);
});
