import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { takeLock } from "./lock.ts";

/** Larger than any pid that Linux, macOS or Windows gives out. */
const NOBODY = 2 ** 30;

let file: string;

beforeEach(() => {
  file = path.join(temporaryFolder("lock"), "lock");
});

function leave(changes: Record<string, unknown>, name = file): void {
  const holder = { pid: process.pid, host: hostname(), startedAt: "2026-01-02T03:04:05.678Z", command: "deltascope" };
  writeFileSync(name, JSON.stringify({ ...holder, token: "0".repeat(32), ...changes }));
}

async function takeAndRelease(): Promise<void> {
  const lock = await takeLock(file);
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ pid: process.pid, host: hostname() });
  lock.release();
  expect(readdirSync(path.dirname(file))).toEqual([]);
}

test("taken, refused to a second taker of the same process, released, taken again", async () => {
  const lock = await takeLock(file);
  await expect(takeLock(file)).rejects.toMatchObject({ code: "store.locked" });
  lock.release();
  lock.release();
  await takeAndRelease();
});

test("releasing late does not take away the lock of the next holder", async () => {
  const first = await takeLock(file);
  first.release();
  const second = await takeLock(file);
  first.release();
  expect(existsSync(file)).toBe(true);
  second.release();
});

test("handed to another process it stands as long as that one lives, and is still released from here", async () => {
  const lock = await takeLock(file);
  lock.handTo(process.ppid);
  await expect(takeLock(file)).rejects.toMatchObject({
    code: "store.locked",
    message: expect.stringContaining(`process ${process.ppid} `),
  });
  lock.release();
  expect(readdirSync(path.dirname(file))).toEqual([]);
  const lost = await takeLock(file);
  lost.handTo(NOBODY);
  const next = await takeLock(file);
  lost.handTo(process.ppid); // another one's by now
  lost.release();
  await expect(takeLock(file)).rejects.toMatchObject({ message: expect.stringContaining(`process ${process.pid} `) });
  next.release();
});

test.skipIf(process.platform !== "linux")(
  "a process that ended but was not asked for its end holds nothing",
  async () => {
    const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 60"]);
    const [first] = (await once(parent.stdout, "data")) as [Buffer];
    const zombie = Number(first);
    await expect.poll(() => /^State:\s+Z/m.test(readFileSync(`/proc/${zombie}/status`, "utf8"))).toBe(true);
    leave({ pid: zombie });
    await takeAndRelease();
    parent.kill("SIGKILL");
  },
);

test("a dead process' lock is taken over", async () => {
  leave({ pid: NOBODY });
  await takeAndRelease();
});

test("a living process that does not start when the lock says is another one with the same number", async () => {
  leave({ processStart: "another boot 12345" });
  await takeAndRelease();
});

test("a living process without a known start is believed", async () => {
  leave({});
  await expect(takeLock(file)).rejects.toMatchObject({ code: "store.locked" });
});

test("a process of another machine cannot be asked, so its lock stands, and the message says how to end it", async () => {
  leave({ pid: NOBODY, host: "elsewhere" });
  await expect(takeLock(file)).rejects.toMatchObject({
    code: "store.locked",
    message: expect.stringContaining(`remove ${file}`),
  });
});

test("a takeover whose own process died is taken over too", async () => {
  leave({ pid: NOBODY, token: "a".repeat(32) });
  leave({ pid: NOBODY, token: "b".repeat(32) }, `${file}.${"a".repeat(32)}`);
  leave({ pid: NOBODY, token: "c".repeat(32) }, `${file}.${"a".repeat(32)}.${"b".repeat(32)}`);
  await takeAndRelease();
});

test("while a living process takes over, others wait and are refused in the end", async () => {
  leave({ pid: NOBODY, token: "a".repeat(32) });
  leave({}, `${file}.${"a".repeat(32)}`);
  await expect(takeLock(file)).rejects.toMatchObject({ code: "store.locked" });
  expect(existsSync(file)).toBe(true);
});

test.each([
  ["empty", ""],
  ["not JSON", "{"],
  ["a token that is a path", JSON.stringify({ pid: 1, host: "h", startedAt: "", command: "", token: "../../x" })],
  ["a negative pid", JSON.stringify({ pid: -1, host: "h", startedAt: "", command: "", token: "0".repeat(32) })],
  ["a prototype", '{"__proto__": {"pid": 1}}'],
  ["too long", JSON.stringify({ pid: process.pid, padding: "x".repeat(100_000) })],
])("an unreadable lock (%s) stands while it is fresh and falls when it is old", async (_, content) => {
  writeFileSync(file, content);
  // Times of its own, so that a slow machine does not make a fresh file old.
  const setTime = (time: Date) => utimesSync(file, time, time);
  setTime(new Date(Date.now() + 60_000));
  await expect(takeLock(file)).rejects.toMatchObject({ code: "store.locked" });
  setTime(new Date(Date.now() - 60_000));
  await takeAndRelease();
});

test("takers inside one process never hold it together", async () => {
  let holding = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, async () => {
      const lock = await takeLock(file);
      holding += 1;
      expect(holding).toBe(1);
      await Promise.resolve();
      holding -= 1;
      lock.release();
    }),
  );
  expect(results.some(({ status }) => status === "fulfilled")).toBe(true);
});
