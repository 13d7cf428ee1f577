import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { type HubServer, sha256, startHub } from "../../../test/builders/hub-server.ts";
import { noKeychain } from "../../../test/builders/memory-keychain.ts";
import type { HubEvent } from "../../contract/domain/hub.ts";
import { type HubPlace, parseHubPlace } from "../../contract/hub-id.ts";
import { datasetSnapshot } from "../source/hub-cache.ts";
import { type HubAccess, openHub } from "./access.ts";
import { bringRepository } from "./bring.ts";

let hub: HubServer;
let access: HubAccess;
let cache: string;
let commit: string;

beforeEach(async () => {
  hub = await startHub();
  cache = temporaryFolder("cache");
  vi.stubEnv("HF_HUB_CACHE", cache);
  const opened = await openHub(noKeychain, { HF_ENDPOINT: hub.endpoint, HF_HOME: temporaryFolder("home") });
  access = { ...opened, pause: async (_, signal) => signal.throwIfAborted() };
  commit = hub.publish("datasets/owner/rows", folderOf(["README.md", ...rows, "script.py"]), { licence: "cc-by-4.0" });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
});

const rows = ["data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet", "extra/more/notes.jsonl"];

function folderOf(names: readonly string[]): string {
  const folder = temporaryFolder("rows");
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), `${name}\n`);
  }
  return folder;
}

async function bring(address: string, files?: string[]): Promise<{ events: HubEvent[]; names: string[] }> {
  const events: HubEvent[] = [];
  const place = parseHubPlace(address) as HubPlace;
  const bringing = bringRepository(access, place, { files }, new AbortController().signal);
  for (;;) {
    const { done, value } = await bringing.next();
    if (!done) events.push(value);
    else {
      expect(value).toEqual({ location: `hf://datasets/owner/rows@${commit}`, folder: snapshot() });
      return { events, names: here() };
    }
  }
}

const snapshot = (): string => join(cache, "datasets--owner--rows", "snapshots", commit);
const here = (): string[] =>
  [...rows, "README.md", "script.py"].filter((name) => {
    try {
      return readFileSync(join(snapshot(), name), "utf8") === `${name}\n`;
    } catch {
      return false;
    }
  });

test("files of rows come to the standard cache under their folders; scripts stay where they are", async () => {
  const { events, names } = await bring("hf://datasets/owner/rows");
  expect(names).toEqual(rows);
  expect(events[0]).toMatchObject({ type: "model", repository: "owner/rows", revision: commit, licence: "cc-by-4.0" });
  expect(readlinkSync(join(snapshot(), rows[0] ?? ""))).toBe(`../../../blobs/${sha256(Buffer.from(`${rows[0]}\n`))}`);
  expect(readFileSync(join(cache, "datasets--owner--rows", "refs", "main"), "utf8")).toBe(commit);
  expect(await datasetSnapshot({ repository: "owner/rows", revision: "main" })).toMatchObject({ folder: snapshot() });
  expect(hub.seen.every(({ path }) => path.includes("datasets") || !path.includes("owner"))).toBe(true);
});

test("only what lies below the address, or what is named", async () => {
  expect((await bring("hf://datasets/owner/rows/extra")).names).toEqual([rows[2]]);
  expect((await bring("hf://datasets/owner/rows@main", [rows[1] ?? ""])).names).toEqual([rows[1], rows[2]]);
});

test("a folder without rows, and a file that is not there", async () => {
  await expect(bring("hf://datasets/owner/rows/nothing")).rejects.toMatchObject({
    code: "hub.not-found",
    message: expect.stringContaining("/nothing has no files of rows"),
  });
  const missing = { code: "hub.not-found", message: expect.stringContaining('no file "data/other.parquet"') };
  await expect(bring("hf://datasets/owner/rows", ["data/other.parquet"])).rejects.toMatchObject(missing);
  await expect(bring("hf://datasets/owner/none")).rejects.toMatchObject({ code: "hub.not-found" });
});

test("names that lead out of the folder are no files", async () => {
  const entry = (path: string) => ({ type: "file", path, size: 1, oid: "a".repeat(40) });
  const listed = ["../up.jsonl", "data/../../up.jsonl", "/up.jsonl", "data//x.jsonl", "con/x.jsonl", ".git/x.jsonl"];
  hub.fail({ at: "/tree/", body: Buffer.from(JSON.stringify(listed.map(entry))) });
  await expect(bring("hf://datasets/owner/rows")).rejects.toMatchObject({ code: "hub.not-found" });
});
