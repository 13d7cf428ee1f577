/** Looking at a workspace that another process holds: a copy of one moment, read whole, never changed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { openEngine } from "../../src/engine/engine.ts";
import { openStore } from "../../src/engine/store/open-store.ts";
import { copyWorkspace } from "../../src/engine/workspace/copy.ts";
import { openWorkspace } from "../../src/engine/workspace/workspace.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { failureOf } from "../contract/harness.ts";

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

function start(name: string, ...words: string[]): ChildProcess {
  const child = spawn(process.execPath, [script(name), ...words], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  return child;
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), "line");
  return String(line);
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

/** A workspace with the demo in its library, which another process then holds. */
async function heldWorkspace(): Promise<{ workspace: string; holder: ChildProcess }> {
  const workspace = temporaryFolder("held");
  const engine = openEngine({ workspace });
  const { job } = await engine.client.workspace.openDemo();
  await engine.client.jobs.cancel({ job: job?.id ?? "" });
  await engine.close();
  const holder = start("./workspace-holder.ts", workspace, path.join(workspace, "log"), "hold");
  expect(await firstLine(holder)).toBe("open");
  return { workspace, holder };
}

test("locked: a copy is shown, refuses every change, and gives way when the workspace is free", async () => {
  const { workspace, holder } = await heldWorkspace();
  const engine = openEngine({ workspace });
  const { client } = engine;
  const refusal = await failureOf(client.library.list());
  expect(refusal).toMatchObject({ code: "store.locked", message: expect.stringContaining(String(holder.pid)) });
  expect(await failureOf(client.workspace.open({ readOnly: false }))).toMatchObject({ code: "store.locked" });

  const info = await client.workspace.open({ readOnly: true });
  expect(info).toMatchObject({ folder: workspace, empty: false, copy: { copiedAt: expect.any(String) } });
  const items = await client.library.list();
  expect(items.length).toBeGreaterThan(1);
  expect(await client.jobs.list()).toEqual([]);
  expect(await failureOf(client.audit.oldTasks({ runs: ["0".repeat(12)] }))).toMatchObject({ code: "run.not-found" });
  for (const change of [
    client.library.remove({ items: items.map(({ id }) => id) }),
    client.workspace.configure({ theme: "dark" }),
    client.workspace.openDemo(),
    client.report.pins.remove({ pins: ["x"] }),
    client.jobs.clear({ jobs: [] }),
  ]) {
    expect(await failureOf(change)).toMatchObject({ code: "store.locked", message: expect.stringContaining("copy") });
  }
  expect(await failureOf(client.workspace.open({ readOnly: false }))).toMatchObject({ code: "store.locked" });
  expect(await client.library.list()).toEqual(items);

  await end(holder);
  expect(await client.workspace.open({ readOnly: false })).toMatchObject({ copy: null });
  expect(await client.workspace.configure({ theme: "dark" })).toMatchObject({ theme: "dark" });
  await engine.close();
});

test("two windows that ask for a copy at once: one folder of copies is left, and none after the end", async () => {
  const { workspace } = await heldWorkspace();
  vi.stubEnv("TMPDIR", temporaryFolder("copies"));
  onTestFinished(() => void vi.unstubAllEnvs());
  const { client, close } = openEngine({ workspace });
  const both = [client.workspace.open({ readOnly: true }), client.workspace.open({ readOnly: true })];
  for (const info of await Promise.all(both)) expect(info.copy).not.toBeNull();
  expect(readdirSync(tmpdir())).toHaveLength(1);
  expect((await client.library.list()).length).toBeGreaterThan(1);
  await close();
  expect(readdirSync(tmpdir())).toEqual([]);
});

test.skipIf(process.platform !== "linux")("a workspace that cannot be read to its end is not left open", async () => {
  const workspace = temporaryFolder("unread");
  const { database, release } = await openWorkspace(workspace);
  const store = await openStore(database);
  await store.putSettings({ "paused-jobs": [] });
  await store.close();
  release();
  const instance = await DuckDBInstance.create(database);
  const connection = await instance.connect();
  await connection.run("INSERT INTO training VALUES ('a', '2026', 'finished', '{', '[]')");
  connection.closeSync();
  instance.closeSync();
  const engine = openEngine({ workspace });
  expect(await failureOf(engine.client.library.list())).toMatchObject({ code: "store.failed" });
  const handles = readdirSync("/proc/self/fd").flatMap((handle) => linkOf(`/proc/self/fd/${handle}`));
  expect(handles.filter((file) => file.startsWith(workspace))).toEqual([]);
  await engine.close();
});

function linkOf(place: string): string[] {
  try {
    return [readlinkSync(place)];
  } catch {
    return []; // closed meanwhile
  }
}

test("a workspace that was locked is opened by the first question after it is free", async () => {
  const { workspace, holder } = await heldWorkspace();
  const engine = openEngine({ workspace });
  expect(await failureOf(engine.client.library.list())).toMatchObject({ code: "store.locked" });
  await end(holder);
  expect((await engine.client.library.list()).length).toBeGreaterThan(1);
  await engine.close();
});

test("copies of a database that is written without end hold every row that was durable before", {
  timeout: 120_000,
}, async () => {
  const workspace = temporaryFolder("busy");
  const writer = start("./store-crash-writer.ts", path.join(workspace, "workspace.duckdb"), "0");
  const durable: string[] = [];
  createInterface({ input: writer.stdout as NodeJS.ReadableStream }).on("line", (line) => durable.push(line));
  while (durable.length < 50) await new Promise((resolve) => setTimeout(resolve, 10));
  for (let round = 0; round < 5; round += 1) {
    const before = [...durable];
    const copy = await copyWorkspace(workspace);
    const store = await openStore(copy.database, { copy: true });
    const stored = await store.storedModules("a");
    expect(before.filter((name) => !stored.has(name))).toEqual([]);
    expect((await store.run("run 0"))?.state).toBe("running");
    await store.close();
    copy.release();
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
});

test("nothing to copy: said so, and no folder is left", async () => {
  const workspace = temporaryFolder("empty");
  mkdirSync(path.join(workspace, "cache"));
  vi.stubEnv("TMPDIR", temporaryFolder("temporary"));
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(copyWorkspace(workspace)).rejects.toMatchObject({
    code: "store.locked",
    message: expect.stringContaining("holds nothing yet"),
  });
  expect(readdirSync(tmpdir())).toEqual([]);
  expect(() => readFileSync(path.join(workspace, "workspace.duckdb"))).toThrow();
});
