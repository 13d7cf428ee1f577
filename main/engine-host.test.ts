/** The engine's process may end at any time; pages are told and get the next one. Electron's part is played here. */
import { EventEmitter } from "node:events";
import type { WebContents } from "electron";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

class FakeProcess extends EventEmitter {
  pid: number | undefined = 1;
  readonly received: unknown[] = [];
  readonly kill = vi.fn(() => this.end());
  postMessage(message: unknown, ports: unknown[] = []): void {
    this.received.push(ports.length > 0 ? "port" : message);
  }
  end(): boolean {
    this.pid = undefined;
    return this.emit("exit", 1);
  }
}

const electron = vi.hoisted(() => ({ processes: [] as unknown[], starts: [] as unknown[] }));

vi.mock("electron", () => ({
  MessageChannelMain: class {
    port1 = {};
    port2 = {};
  },
  utilityProcess: {
    fork: (_file: string, words: string[]) => {
      const started = new FakeProcess();
      electron.processes.push(started);
      electron.starts.push(JSON.parse(words[0] ?? ""));
      return started;
    },
  },
}));

const { startEngine } = await import("./engine-host.ts");

const processes = () => electron.processes as FakeProcess[];
const latest = () => processes().at(-1) as FakeProcess;

function fakePage() {
  const heard: string[] = [];
  const page = Object.assign(new EventEmitter(), {
    send: (word: string) => heard.push(word),
    postMessage: (word: string) => heard.push(word),
  });
  return { page: page as unknown as WebContents, heard, leave: () => page.emit("destroyed") };
}

beforeEach(() => {
  vi.useFakeTimers();
  electron.processes.length = 0;
  electron.starts.length = 0;
});
afterEach(() => vi.useRealTimers());

test("a page gets a port, and after the engine's end word of it and the next port", () => {
  const host = startEngine({ workspace: "/w", roots: ["/"] });
  const { page, heard } = fakePage();
  host.attach(page);
  expect(heard).toEqual(["engine-port"]);
  latest().end();
  expect(heard).toEqual(["engine-port", "engine-lost"]);
  vi.advanceTimersByTime(1000);
  expect(processes()).toHaveLength(2);
  expect(heard).toEqual(["engine-port", "engine-lost", "engine-port"]);
  expect(latest().received).toEqual(["port"]);
  expect(electron.starts[1]).toEqual({ workspace: "/w", roots: ["/"] });
});

test("a page that was closed is told nothing more", () => {
  const host = startEngine({});
  const { page, heard, leave } = fakePage();
  host.attach(page);
  leave();
  latest().end();
  vi.advanceTimersByTime(1000);
  expect(heard).toEqual(["engine-port"]);
});

test("an engine that keeps ending at once is started less and less often, and again soon after it was well", () => {
  startEngine({});
  const pausesTaken: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const before = processes().length;
    latest().end();
    let waited = 0;
    while (processes().length === before) {
      vi.advanceTimersByTime(100);
      waited += 100;
    }
    pausesTaken.push(waited);
  }
  expect(pausesTaken).toEqual([1000, 3000, 10_000, 10_000, 10_000]);
  vi.advanceTimersByTime(61_000);
  const before = processes().length;
  latest().end();
  vi.advanceTimersByTime(200);
  expect(processes()).toHaveLength(before + 1);
});

test("stopping asks the engine, waits for its end, and starts no other", async () => {
  const host = startEngine({});
  const engine = latest();
  const stopped = host.stop();
  expect(engine.received).toEqual(["stop"]);
  engine.end();
  await stopped;
  vi.advanceTimersByTime(60_000);
  expect(processes()).toHaveLength(1);
  expect(engine.kill).not.toHaveBeenCalled();
});

test("an engine that does not answer the stop is ended", async () => {
  const host = startEngine({});
  const stopped = host.stop();
  vi.advanceTimersByTime(8000);
  expect(latest().kill).toHaveBeenCalledOnce();
  await stopped;
});
