/** The Hub's token through the contract, as another process asks: it goes in, opens what it opens, and never comes out. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MessageChannel } from "node:worker_threads";
import { createORPCClient } from "@orpc/client";
import { RPCLink } from "@orpc/client/message-port";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import type { Keychain } from "../../src/engine/hub/keychain.ts";
import { writeAdapter } from "../builders/checkpoint.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { type HubServer, startHub } from "../builders/hub-server.ts";
import { memoryKeychain, noKeychain } from "../builders/memory-keychain.ts";
import { type EngineClient, failureOf, jobEnd } from "./harness.ts";

const token = "hf_averysecrettokenwxyz";
const account = {
  ...{ type: "user", id: "1", name: "ada", fullname: "Ada", orgs: [] },
  auth: {
    type: "access_token",
    accessToken: { displayName: "laptop", role: "read", createdAt: "2026-01-01T00:00:00.000Z" },
    expiresAt: "2027-01-01T00:00:00.000Z",
  },
};
const workspace = temporaryFolder("workspace");
let hub: HubServer;
let keychain: ReturnType<typeof memoryKeychain>;
let opened: { engine: Engine; end(): Promise<void> }[];

beforeEach(async () => {
  hub = await startHub();
  hub.know(token, account);
  hub.publish("owner/closed", writeAdapter(join(temporaryFolder("lora"), "lora")), { gated: token });
  keychain = memoryKeychain();
  opened = [];
  vi.stubEnv("HF_ENDPOINT", hub.endpoint);
  vi.stubEnv("HF_HOME", temporaryFolder("home"));
  vi.stubEnv("HF_HUB_CACHE", temporaryFolder("cache"));
  vi.stubEnv("HF_TOKEN", "");
});
afterEach(async () => {
  for (const { end } of opened) await end();
  vi.unstubAllEnvs();
  await hub.close();
});

/** A client over a port; everything that crosses it towards the caller is kept as text. */
function connect(chain: Keychain = keychain): { client: EngineClient; said: string[] } {
  const engine = openEngine({ workspace, keychain: chain });
  const { port1, port2 } = new MessageChannel();
  const said: string[] = [];
  const connection = engine.connect((message) => {
    said.push(typeof message === "string" ? message : JSON.stringify(message));
    port2.postMessage(message);
  });
  port2.on("message", (data) => void connection.message(data));
  port1.start();
  const end = async () => {
    port1.close();
    await engine.close();
  };
  opened.push({ engine, end });
  return { client: createORPCClient(new RPCLink({ port: port1 })), said };
}

async function download(client: EngineClient): Promise<void> {
  for await (const _ of await client.hub.download({ sources: ["hf://owner/closed"] }));
}

test("kept, checked, used for what is gated, removed; nothing that leaves the engine or is written holds it", async () => {
  const { client, said } = connect();
  const { endpoint } = hub;
  const none = { endpoint, token: null, keychain: { stored: false, problem: null } };
  expect(await client.hub.token.status()).toEqual(none);
  expect(await failureOf(download(client))).toMatchObject({ code: "hub.gated" });
  const kept = await client.hub.token.set({ token: ` ${token}\n` });
  const shown = { from: "keychain", name: endpoint, hint: "hf_…wxyz" };
  expect(kept).toEqual({ endpoint, token: shown, keychain: { stored: true, problem: null } });
  expect(keychain.kept).toEqual(new Map([[endpoint, token]]));
  const who = { name: "ada", token: "laptop", role: "read", expiresAt: "2027-01-01T00:00:00.000Z" };
  expect(await client.hub.token.check()).toEqual(who);
  await download(client);
  const { id } = await client.jobs.start({ kind: "download", spec: { source: "hf://owner/closed" } });
  expect((await jobEnd(client, id)).state).toBe("finished");
  expect(await client.hub.token.remove()).toEqual(none);
  expect(keychain.kept.size).toBe(0);
  await Promise.all(opened.splice(0).map(({ end }) => end()));
  expect(said.join("\n")).not.toContain(token.slice(4, -4));
  for (const file of readdirSync(workspace, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) expect(readFileSync(join(file.parentPath, file.name)).includes(token)).toBe(false);
  }
  // The store of the files was never told it.
  expect(hub.seen.filter(({ host }) => host === "store").map(({ authorization }) => authorization)).not.toContain(
    `Bearer ${token}`,
  );
  expect(hub.seen.some(({ host }) => host === "store")).toBe(true);
});

test("the environment's goes first, and stays when the keychain's is removed", async () => {
  const { client } = connect();
  vi.stubEnv("HF_TOKEN", "hf_anotherlongtoken1234");
  await client.hub.token.set({ token });
  const shown = { from: "environment", name: "HF_TOKEN", hint: "hf_…1234" };
  expect(await client.hub.token.status()).toMatchObject({ token: shown, keychain: { stored: true } });
  expect(await client.hub.token.remove()).toMatchObject({ token: shown, keychain: { stored: false } });
  vi.stubEnv("HF_TOKEN", "short");
  expect((await client.hub.token.status()).token).toMatchObject({ hint: "…" });
});

test.each(["", "two words", "hf_ü", "x".repeat(5000)])("what can be no token is refused (%#)", async (text) => {
  const { client } = connect();
  const error = await failureOf(client.hub.token.set({ token: text }));
  expect(error).toMatchObject({ code: "request.invalid" });
  if (text !== "") expect(error.message).not.toContain(text);
  expect(keychain.kept.size).toBe(0);
});

test("a token that the Hub does not know, none at all, an answer that is none, and no network", async () => {
  const { client } = connect();
  expect(await failureOf(client.hub.token.check())).toMatchObject({ code: "hub.unauthorised" });
  await client.hub.token.set({ token: "hf_revoked" });
  const error = await failureOf(client.hub.token.check());
  expect(error).toMatchObject({ code: "hub.unauthorised", message: `${hub.endpoint} does not know the token.` });
  await client.hub.token.set({ token });
  hub.fail({ at: "whoami", body: Buffer.from('{"fullname": 1}') });
  expect(await failureOf(client.hub.token.check())).toMatchObject({ code: "hub.answer-invalid" });
  await client.workspace.configure({ network: "off" });
  hub.seen.length = 0;
  expect(await failureOf(client.hub.token.check())).toMatchObject({ code: "hub.network-off" });
  await client.workspace.configure({ network: "request" });
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  expect(await failureOf(client.hub.token.check())).toMatchObject({ code: "hub.offline" });
  expect(hub.seen).toEqual([]);
});

test("a keychain that cannot be used is said, and keeps nobody from anything else", async () => {
  const { client } = connect(noKeychain);
  const problem = "The keychain of this system cannot be used: no service.";
  expect(await client.hub.token.status()).toMatchObject({ token: null, keychain: { stored: false, problem } });
  expect(await failureOf(client.hub.token.set({ token }))).toMatchObject({ code: "hub.keychain", message: problem });
  vi.stubEnv("HF_TOKEN", token);
  await download(client);
});
