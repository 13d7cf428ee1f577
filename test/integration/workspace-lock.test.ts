import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, expect, test } from "vitest";
import { openWorkspace } from "../../src/engine/workspace/workspace.ts";
import { temporaryFolder } from "../builders/folders.ts";

const holder = fileURLToPath(new URL("./workspace-holder.ts", import.meta.url));
let folder: string;
let log: string;
let lock: string;

beforeEach(() => {
  folder = temporaryFolder("workspace");
  log = path.join(folder, "log");
  lock = path.join(folder, "workspace.lock");
  writeFileSync(log, "");
});

/** A process that opened the workspace, or was refused: what it printed first. */
async function start(ending: string): Promise<{ child: ChildProcess; said: string; end: Promise<unknown[]> }> {
  const child = spawn(process.execPath, [holder, folder, log, ending], { stdio: ["ignore", "pipe", "inherit"] });
  const end = once(child, "exit");
  if (!child.stdout) throw new Error("no output");
  const [said] = await once(child.stdout.setEncoding("utf8"), "data");
  return { child, said: String(said).trim(), end };
}

test("a second process is told who holds the workspace, and gets it afterwards", async () => {
  const { child, end } = await start("hold");
  const found = JSON.parse(readFileSync(lock, "utf8"));
  expect(found).toMatchObject({ pid: child.pid, host: hostname() });
  const refusal = await openWorkspace(folder).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "store.locked", retryable: true, where: lock });
  for (const fact of [String(child.pid), hostname(), found.startedAt, "workspace-holder.ts"]) {
    expect((refusal as Error).message).toContain(fact);
  }
  child.kill("SIGTERM");
  await end;
  (await openWorkspace(folder)).release();
});

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
  "%s takes the lock away and still ends the process",
  async (signal) => {
    const { child, end } = await start("hold");
    child.kill(signal);
    expect(await end).toEqual([null, signal]);
    expect(existsSync(lock)).toBe(false);
  },
);

test("a program that handles the signal itself decides, and the lock goes with its end", async () => {
  const { child, end } = await start("handle");
  child.kill("SIGTERM");
  expect(await end).toEqual([7, null]);
  expect(existsSync(lock)).toBe(false);
});

test("a process that forgets to give the lock back loses it at its end", async () => {
  const { end } = await start("exit");
  await end;
  expect(existsSync(lock)).toBe(false);
});

test("the lock of a killed process is taken over, and nothing of it is left", async () => {
  const { child, end } = await start("hold");
  child.kill("SIGKILL");
  await end;
  expect(existsSync(lock)).toBe(true);
  const workspace = await openWorkspace(folder);
  expect(JSON.parse(readFileSync(lock, "utf8")).pid).toBe(process.pid);
  workspace.release();
  expect(readdirSync(folder).sort()).toEqual(["cache", "exports", "log"]);
});

test("many processes that find one dead lock: one at a time gets it", async () => {
  const { child, end } = await start("hold");
  child.kill("SIGKILL");
  await end;
  writeFileSync(log, "");
  const racers = await Promise.all(Array.from({ length: 8 }, () => start("30")));
  await Promise.all(racers.map((racer) => racer.end));
  const told = new Set(racers.map(({ said }) => said));
  expect([...told].filter((said) => said !== "open" && said !== "store.locked")).toEqual([]);
  const steps = readFileSync(log, "utf8").trim().split("\n");
  expect(steps.length).toBeGreaterThanOrEqual(2);
  expect(steps).toEqual(steps.map((_, index) => (index % 2 === 0 ? "begin" : "end")));
  expect(steps).toHaveLength(2 * racers.filter(({ said }) => said === "open").length);
  expect(readdirSync(folder).sort()).toEqual(["cache", "exports", "log"]);
});
