/** Keeps one engine process alive and gives each page a port to it. */
import { join } from "node:path";
import { MessageChannelMain, type UtilityProcess, utilityProcess, type WebContents } from "electron";
import type { EngineStart, EngineWord } from "./engine-words.ts";

/** Waiting times before a new start, in milliseconds; the last one repeats while it keeps ending at once. */
const pauses = [200, 1000, 3000, 10_000] as const;
/** An engine that lived this long did not fail because of its start. */
const healthyMilliseconds = 60_000;
/** Time to finish the module under way when the app quits. */
const stopMilliseconds = 8000;

export interface EngineHost {
  /** The page's listeners stand: it gets a port now and after each restart. */
  attach(page: WebContents): void;
  restart(): void;
  /** Resolves when the engine has ended. */
  stop(): Promise<void>;
}

export function startEngine(start: EngineStart): EngineHost {
  const pages = new Set<WebContents>();
  let engine = launch();
  let failures = 0;
  let stopping = false;

  function launch(): UtilityProcess {
    const startedAt = performance.now();
    const child = utilityProcess.fork(join(import.meta.dirname, "engine.js"), [JSON.stringify(start)], {
      serviceName: "DeltaScope engine",
      stdio: "inherit",
    });
    child.once("exit", () => {
      if (stopping) return;
      failures = performance.now() - startedAt > healthyMilliseconds ? 0 : failures + 1;
      for (const page of pages) page.send("engine-lost");
      setTimeout(relaunch, pauses[Math.min(failures, pauses.length - 1)]);
    });
    return child;
  }

  function relaunch(): void {
    if (stopping) return;
    engine = launch();
    for (const page of pages) sendPort(engine, page);
  }

  return {
    attach(page) {
      if (!pages.has(page)) page.once("destroyed", () => pages.delete(page));
      pages.add(page);
      sendPort(engine, page);
    },
    restart: () => void engine.kill(),
    stop() {
      stopping = true;
      return ended(engine);
    },
  };
}

function sendPort(engine: UtilityProcess, page: WebContents): void {
  const { port1, port2 } = new MessageChannelMain();
  engine.postMessage("page", [port1]);
  page.postMessage("engine-port", null, [port2]);
}

function ended(engine: UtilityProcess): Promise<void> {
  if (engine.pid === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => engine.kill(), stopMilliseconds);
    engine.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    engine.postMessage("stop" satisfies EngineWord);
  });
}
