/** `deltascope serve` from its start to Ctrl-C, with the real engine and server. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { runCommandLine } from "../../src/cli/program.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { type FakeContext, fakeContext } from "../builders/fake-context.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { endOf } from "../builders/served-app.ts";
import { slowSpec } from "../contract/slow-pair.ts";

function serving(): FakeContext {
  const appFolder = temporaryFolder("app");
  writeFileSync(join(appFolder, "index.html"), "<!doctype html><title>the app</title>");
  return { ...fakeContext({}, { appFolder }), openEngine: async (options) => openEngine(options) };
}

const words = (workspace: string, ...more: string[]) => ["serve", "--no-open", "--workspace", workspace, ...more];

async function addressOf(context: FakeContext): Promise<URL> {
  await vi.waitFor(() => expect(context.stdout.text).toMatch(/\n/), 60_000);
  return new URL(context.stdout.text);
}

test("one line with the address, on the loopback, until Ctrl-C", async () => {
  const workspace = temporaryFolder("workspace");
  const context = serving();
  const end = runCommandLine(words(workspace), context);
  const address = await addressOf(context);
  expect(context.stdout.text).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}\n$/);
  const { status } = await fetch(address, { redirect: "manual" });
  expect(status).toBe(303);
  context.interrupt();
  expect(await end).toBe(0);
  await expect(fetch(address)).rejects.toThrow();
  expect(context.stdout.text.split("\n")).toHaveLength(2);
});

test("Ctrl-C cancels a running analysis, says what is kept, and it is still there", async () => {
  const workspace = temporaryFolder("workspace");
  const context = serving();
  let engine: ReturnType<typeof openEngine> | undefined;
  context.openEngine = async (options) => {
    engine = openEngine(options);
    return engine;
  };
  const end = runCommandLine(words(workspace, "--root", tmpdir()), context);
  const address = await addressOf(context);
  const { headers } = await fetch(address, { redirect: "manual" });
  const cookie = headers.get("set-cookie")?.split(";")[0] ?? "";
  const socket = new WebSocket(`ws://${address.host}/engine`, { headers: { cookie, origin: address.origin } });
  await once(socket, "open");
  const goodbye = endOf(socket);
  const job = await engine?.client.jobs.start({ kind: "analysis", spec: slowSpec() });
  await vi.waitFor(
    async () => {
      const [live] = (await engine?.client.jobs.list()) ?? [];
      expect(live?.progress?.done ?? 0).toBeGreaterThan(2);
    },
    { timeout: 60_000, interval: 50 },
  );
  context.interrupt();
  expect(await end).toBe(0);
  expect(await goodbye).toEqual({ code: 1001 });
  const kept = Number(/Cancelled .*\. (\d+) of \d+ modules/.exec(context.stderr.text)?.[1]);
  expect(kept).toBeGreaterThan(0);
  expect(job?.state).toMatch(/queued|running/);
  const again = openEngine({ workspace });
  const [run] = await again.client.runs.all();
  expect(run?.modules).toBe(kept);
  await again.close();
});

test("what cannot be served is said before any address", async () => {
  const workspace = temporaryFolder("workspace");
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const busy = serving();
  expect(await runCommandLine(words(workspace, "--port", String(port)), busy)).toBe(1);
  expect(busy.stderr.text).toContain(`error server.unavailable: 127.0.0.1:${port}`);
  taken.close();
  const unbuilt = fakeContext();
  expect(await runCommandLine(words(workspace), unbuilt)).toBe(1);
  expect(unbuilt.stderr.text).toContain("error app.not-built");
  for (const port of ["-1", "65536", "80x", ""]) {
    expect(await runCommandLine(words(workspace, `--port=${port}`), serving())).toBe(2);
  }
  expect(busy.stdout.text + unbuilt.stdout.text).toBe("");
});

test("a workspace that another process works in is named, and the app is served all the same", async () => {
  const workspace = temporaryFolder("workspace");
  const holder = openEngine({ workspace });
  await holder.client.workspace.info();
  const context = serving();
  const end = runCommandLine(words(workspace), context);
  const { status } = await fetch(await addressOf(context), { redirect: "manual" });
  expect(status).toBe(303);
  expect(context.stderr.text).toContain(`in use by process ${process.pid}`);
  context.interrupt();
  expect(await end).toBe(0);
  await holder.close();
});
