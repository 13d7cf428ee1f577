import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { writeAdapter, writeCheckpoint } from "../../test/builders/checkpoint.ts";
import { temporaryFolder } from "../../test/builders/folders.ts";
import { type HubServer, startHub } from "../../test/builders/hub-server.ts";
import { noKeychain } from "../../test/builders/memory-keychain.ts";
import { type Inspection, inspection } from "../contract/domain/checkpoint.ts";
import { parseHubId } from "../contract/hub-id.ts";
import { openHub } from "./hub/access.ts";
import { inspect } from "./inspect.ts";
import { inspectOnHub } from "./inspect-on-hub.ts";

let hub: HubServer;
let model: string;

beforeEach(async () => {
  hub = await startHub();
  model = temporaryFolder("model");
  vi.stubEnv("HF_HUB_CACHE", temporaryFolder("cache"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
});

/** Without waiting between tries. */
async function look(id: string, more: Record<string, string> = {}): Promise<Inspection> {
  const access = await openHub(noKeychain, { HF_ENDPOINT: hub.endpoint, HF_HOME: temporaryFolder("home"), ...more });
  const parsed = parseHubId(id);
  if (parsed === undefined) throw new Error(`${id} is no id`);
  const signal = new AbortController().signal;
  return inspection.parse(await inspectOnHub(parsed, { ...access, pause: async () => undefined }, signal));
}

test("a sharded model: the same answer as from its files, without its weights", async () => {
  writeCheckpoint(model, { shape: { layers: 3, vocabulary: 40_000 }, shards: 2, dtype: "BF16" });
  writeFileSync(join(model, "tokenizer.json"), "{}");
  writeFileSync(join(model, "pytorch_model.bin"), "never read");
  const commit = hub.publish("owner/Tiny", model, { licence: "apache-2.0" });
  const local = await inspect(model);
  const found = await look("owner/Tiny");
  expect(found.roles).toEqual(local.roles);
  expect(found.checkpoint).toEqual({ ...local.checkpoint, fingerprint: null, path: `hf://owner/Tiny@${commit}` });
  expect(found).toMatchObject({ repository: "owner/Tiny", revision: commit, files: local.files, alerts: local.alerts });
  expect(found.hub).toMatchObject({ licence: "apache-2.0", gated: false });
  const bytes = (name: string) => readFileSync(join(model, name)).length;
  const names = ["config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  const all = [...names, "model.safetensors.index.json", "tokenizer.json"];
  expect(found.hub?.files).toEqual(all.map((name) => ({ name, bytes: bytes(name), here: false })));
  expect(found.hub?.missingBytes).toBe(all.reduce((sum, name) => sum + bytes(name), 0));
  // The embedding alone has 1.28 MB: what was asked for ends far before it.
  const ranges = hub.seen.filter(({ host }) => host === "store").map(({ range }) => Number(range?.split("-")[1]));
  expect(Math.max(...ranges)).toBeLessThan(131_072);
  expect(hub.seen.filter(({ path }) => path.includes(".bin"))).toEqual([]);
});

test("an adapter at a commit, and the same commit in every question", async () => {
  writeAdapter(model, { config: { r: 4, lora_alpha: 10, base_model_name_or_path: "owner/base" } });
  const old = hub.publish("owner/lora", model);
  const local = await inspect(model);
  writeAdapter(model, { config: { r: 4, lora_alpha: 99 }, seed: 9 });
  hub.publish("owner/lora", model);
  const found = await look(`hf://owner/lora@${old}`);
  expect(found.adapter).toEqual({ ...local.adapter, fingerprint: null });
  expect(hub.seen.every(({ host, path }) => host === "store" || path.includes(old))).toBe(true);
});

test("a header that is longer than the first look is read whole", async () => {
  const tensors = Object.fromEntries(
    Array.from({ length: 3000 }, (_, index) => [
      `model.layers.${index}.mlp.down_proj.weight`,
      { dtype: "F32", shape: [2, 2], data: [1, 2, 3, index] },
    ]),
  );
  writeCheckpoint(model, { tensors });
  hub.publish("owner/long", model);
  expect((await look("owner/long")).checkpoint?.tensors).toBe(3000);
  expect(hub.seen.filter(({ host }) => host === "store")).toHaveLength(2);
});

test.each([
  ["pickles only", "pytorch_model.bin", "cos\nsystem", "checkpoint.pickle"],
  ["no safetensors file", "model.safetensors", "<!doctype html><html></html>", "safetensors.header-invalid"],
  ["an absurd length", "model.safetensors", "\xff\xff\xff\xff\xff\xff\xff\x7f{}", "safetensors.header-invalid"],
  ["an empty file", "model.safetensors", "", "source.truncated"],
])("%s: refused in the model's name, nothing of this machine in it", async (_, file, content, code) => {
  writeFileSync(join(model, "config.json"), "{}");
  writeFileSync(join(model, file), content, "latin1");
  hub.publish("owner/bad", model);
  const error = await look("owner/bad").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code });
  expect(JSON.stringify(error)).not.toContain("deltascope-hub-");
  expect((error as Error).message).not.toContain("deltascope-hub-");
});

test.each([
  ["no such model", "owner/none", {}, "hub.not-found"],
  ["no such revision", "owner/open@v9", {}, "hub.not-found"],
  ["gated without a token", "owner/gated", {}, "hub.gated"],
  ["gated with a token of no one", "owner/gated", { HF_TOKEN: "hf_other" }, "hub.gated"],
  ["private without a token", "owner/private", {}, "hub.not-found"],
])("%s", async (_, id, environment, code) => {
  writeCheckpoint(model);
  hub.publish("owner/open", model);
  hub.publish("owner/gated", model, { gated: "hf_secret" });
  hub.publish("owner/private", model, { private: "hf_secret" });
  await expect(look(id, environment)).rejects.toMatchObject({ code });
});

test("the token opens what is gated, goes to the Hub and to no other host", async () => {
  writeCheckpoint(model);
  hub.publish("owner/gated", model, { gated: "hf_secret" });
  const found = await look("owner/gated", { HF_TOKEN: " hf_secret\n" });
  expect(found.hub?.gated).toBe(true);
  for (const { host, authorization } of hub.seen) {
    expect(authorization).toBe(host === "hub" ? "Bearer hf_secret" : undefined);
  }
  expect(hub.seen.some(({ host }) => host === "store")).toBe(true);
});

test.each([
  ["429 with a short pause", { status: 429, headers: { "retry-after": "1" }, times: 2 }],
  ["503", { status: 503, times: 4 }],
  ["a dropped connection", { cutAfter: 10, host: "store" as const }],
])("%s is tried again", async (_, fault) => {
  writeCheckpoint(model);
  hub.publish("owner/tiny", model);
  hub.fail({ at: "host" in fault ? "/" : "model.safetensors", ...fault });
  expect((await look("owner/tiny")).kind).toBe("full");
});

test.each([
  ["429 for good", { status: 429, times: 9 }, "hub.rate-limited"],
  ["a pause of an hour", { status: 429, headers: { "retry-after": "3600" } }, "hub.rate-limited"],
  ["503 for good", { status: 503, times: 9 }, "hub.server"],
  ["401 without a reason", { status: 401 }, "hub.not-found"],
  ["403", { status: 403 }, "hub.unauthorised"],
  [
    "a token that the Hub does not know",
    { status: 401, headers: { "x-error-message": "Invalid credentials in Authorization header" } },
    "hub.unauthorised",
  ],
  ["a circle", { status: 302, headers: { location: "?again" }, times: 99 }, "hub.answer-invalid"],
  ["a way out of the web", { status: 302, headers: { location: "file:///etc/passwd" } }, "hub.answer-invalid"],
  ["another hash than was listed", { lie: { "x-linked-etag": `"${"0".repeat(64)}"` } }, "hub.changed"],
  ["another commit than was asked for", { lie: { "x-repo-commit": "0".repeat(40) } }, "hub.changed"],
])("%s ends", async (_, fault, code) => {
  writeCheckpoint(model);
  hub.publish("owner/tiny", model);
  hub.fail({ at: "model.safetensors", host: "hub", ...fault });
  await expect(look("owner/tiny")).rejects.toMatchObject({ code });
  expect(hub.seen.length).toBeLessThan(16);
});

test.each([
  ["a file of another length", { host: "store", body: Buffer.alloc(99) }, "hub.changed"],
  ["another part", { host: "store", lie: { "content-range": "bytes 7-8/9" } }, "hub.answer-invalid"],
] as const)("%s from the store ends", async (_, fault, code) => {
  writeCheckpoint(model);
  hub.publish("owner/tiny", model);
  hub.fail({ at: "/", times: 9, ...fault });
  await expect(look("owner/tiny")).rejects.toMatchObject({ code });
});

/** With a path: on the hub of the test. */
const next = (address: string): string =>
  address.startsWith("http")
    ? `<${address}>; rel="next"`
    : `<ENDPOINT/api/models/owner/tiny/tree/main${address}>; rel="next"`;
const listing = (...files: [string, number][]): Buffer =>
  Buffer.from(JSON.stringify(files.map(([path, size]) => ({ type: "file", path, size, oid: "1".repeat(40) }))));

test.each([
  ["no JSON", { body: Buffer.from("<html>") }, "/revision/"],
  ["no commit", { body: Buffer.from("{}") }, "/revision/"],
  ["endless", { body: Buffer.alloc(16 * 2 ** 20 + 2, " ") }, "/revision/"],
  ["a list of nonsense", { body: Buffer.from('[{"type":"file"}]') }, "/tree/"],
  ["a list that is none", { body: Buffer.from("{}") }, "/tree/"],
  ["null", { body: Buffer.from("null") }, "/revision/"],
  ["pages without end", { body: Buffer.from("[]"), lie: { link: next("?page") }, times: 999 }, "/tree/"],
  ["pages of another host", { body: Buffer.from("[]"), lie: { link: next("http://localhost:1/") } }, "/tree/"],
  ["one name twice", { body: listing(["a.json", 3], ["a.json", 4]) }, "/tree/"],
  ["names that differ in case", { body: listing(["x.safetensors", 3], ["X.safetensors", 4]) }, "/tree/"],
  ["larger than any file", { body: listing(["model.safetensors", 2 ** 52]) }, "/tree/"],
  ["files without hashes", { body: Buffer.from('[{"type":"file","path":"a","size":1}]') }, "/tree/"],
])("answers that are %s are refused", async (_, fault, at) => {
  writeCheckpoint(model);
  hub.publish("owner/tiny", model);
  const lie = "lie" in fault ? { lie: { link: fault.lie.link.replace("ENDPOINT", hub.endpoint) } } : {};
  hub.fail({ at, ...fault, ...lie });
  await expect(look("owner/tiny")).rejects.toMatchObject({ code: "hub.answer-invalid" });
  expect(hub.seen.length).toBeLessThan(120);
});

test("names that lead out of the folder are not files of the model", async () => {
  writeCheckpoint(model);
  hub.publish("owner/tiny", model);
  const names = [
    "../../escape.safetensors",
    "/etc/passwd",
    "C:\\x.safetensors",
    "a\\..\\b.safetensors",
    ".hidden.json",
    "NUL.safetensors",
    "com1.index.json",
  ];
  const entry = (path: string) => ({ type: "file", path, size: 3, oid: "1".repeat(40) });
  hub.fail({ at: "/tree/", body: Buffer.from(JSON.stringify(names.map(entry))) });
  await expect(look("owner/tiny")).rejects.toMatchObject({ code: "source.empty" });
});

test("nobody there", async () => {
  const { endpoint } = hub;
  await hub.close();
  await expect(look("owner/tiny", { HF_ENDPOINT: endpoint })).rejects.toMatchObject({
    code: "hub.unreachable",
    message: "The Hub cannot be reached for owner/tiny (ECONNREFUSED).",
  });
  hub = await startHub();
});

test("a temporary folder behind a link: errors name the model and nothing of this machine", async () => {
  const link = join(temporaryFolder("temporary"), "link");
  symlinkSync(temporaryFolder("real"), link);
  vi.stubEnv("TMPDIR", link);
  writeFileSync(join(model, "config.json"), "{}");
  writeFileSync(join(model, "model.safetensors"), "<!doctype html>");
  const commit = hub.publish("owner/bad", model);
  const error = await look("owner/bad").catch((thrown: unknown) => thrown as Error);
  expect(error).toMatchObject({
    code: "safetensors.header-invalid",
    where: expect.stringMatching(`^hf://owner/bad@${commit}`),
  });
});

test("a configuration may have a twin that is not read", async () => {
  writeCheckpoint(model);
  writeFileSync(join(model, "Config.json"), "not read");
  hub.publish("owner/tiny", model);
  expect((await look("owner/tiny")).kind).toBe("full");
});
