/** The demo's real results for component tests: a client of an engine on this test file's own copy of the workspace. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { createORPCClient } from "@orpc/client";
import { RPCLink, type SupportedMessagePort } from "@orpc/client/message-port";
import type { ContractRouterClient } from "@orpc/contract";
import { afterAll, inject } from "vitest";
import type { Contract } from "../../src/contract/api.ts";

interface TestEngine {
  client: ContractRouterClient<Contract>;
  /** Its workspace; gone after the file's last test. */
  folder: string;
}

/**
 * Opens the finished demo for the calling test file and closes it after the file's last test. What a test changes
 * stays within its file. Call it at the top of a file.
 */
export function openDemoData(): TestEngine {
  return openOwnWorkspace((folder) => cpSync(inject("demoWorkspace"), folder, { recursive: true }));
}

/** The same with nothing in it. */
export function openEmptyWorkspace(): TestEngine {
  return openOwnWorkspace(() => undefined);
}

function openOwnWorkspace(fill: (folder: string) => void): TestEngine {
  const folder = mkdtempSync(join(tmpdir(), "deltascope-component-"));
  fill(folder);
  const worker = new Worker(join(import.meta.dirname, "engine-worker.ts"), {
    workerData: { workspace: folder, roots: [tmpdir()] },
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    worker.postMessage({ close: true });
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  return { client: createORPCClient(new RPCLink({ port: asPort(worker) })), folder };
}

function asPort(worker: Worker): SupportedMessagePort {
  return {
    postMessage: (message: unknown) => worker.postMessage(message),
    addEventListener: (type: string, listener: unknown) => {
      const call = listener as (event: { data?: unknown }) => void;
      if (type === "message") worker.on("message", (data) => call({ data }));
      if (type === "close") worker.on("exit", () => call({}));
    },
  };
}
