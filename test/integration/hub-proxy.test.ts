/** The Hub from behind a proxy, through the command line as a process, as the variables of a company's machine say it. */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { downloadDocument, failureDocument } from "../../src/contract/documents.ts";
import { writeCheckpoint } from "../builders/checkpoint.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { type HubServer, startHub } from "../builders/hub-server.ts";
import { type ProxyServer, startProxy } from "../builders/proxy-server.ts";

const program = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
let hub: HubServer;
let proxy: ProxyServer;
let home: string;

beforeEach(async () => {
  hub = await startHub();
  proxy = await startProxy({ "hub.example": Number(new URL(hub.endpoint).port) });
  home = temporaryFolder("home");
  hub.publish("owner/base", writeCheckpoint(join(home, "base")));
});
afterEach(async () => {
  await proxy.close();
  await hub.close();
});

function download(variables: Record<string, string>): Promise<{ out: string; err: string }> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(HF_|TRANSFORMERS_)|_proxy$/i.test(name));
  const env = { ...Object.fromEntries(kept), HF_HOME: home, ...variables };
  // Two at once would wait for the lock of one workspace.
  const workspace = temporaryFolder("workspace");
  const words = ["download", "owner/base", "--json", "--quiet", "--workspace", workspace];
  return new Promise((resolve) => {
    execFile(process.execPath, ["--no-warnings", program, ...words], { env, cwd: home }, (_, out, err) =>
      resolve({ out, err }),
    );
  });
}

test("a Hub that only the proxy reaches; hosts of NO_PROXY are asked directly", async () => {
  const variables = { HF_ENDPOINT: "http://hub.example", HTTP_PROXY: proxy.address };
  const { out } = await download({ ...variables, NO_PROXY: "127.0.0.1" });
  const [model] = downloadDocument.parse(JSON.parse(out)).models;
  expect(readdirSync(model?.folder ?? "").sort()).toEqual(["config.json", "model.safetensors"]);
  expect(proxy.seen.length).toBeGreaterThan(3);
  expect(proxy.seen.every((one) => one.startsWith("GET http://hub.example/"))).toBe(true);
  // The store of files is named by its number.
  expect(hub.seen.some(({ host }) => host === "store")).toBe(true);
});

test("a proxy that refuses: its password is not repeated", async () => {
  const address = proxy.address.replace("//", "//me:proxysecret@");
  const { out, err } = await download({ HF_ENDPOINT: "https://other.example", HTTPS_PROXY: address, HF_TOKEN: "hf_x" });
  expect(failureDocument.parse(JSON.parse(out)).error).toMatchObject({
    code: "hub.unreachable",
    message: "The Hub cannot be reached for owner/base (the proxy refused).",
  });
  expect(new Set(proxy.seen)).toEqual(new Set(["CONNECT other.example:443"]));
  expect(out + err).not.toMatch(/proxysecret|hf_x/);
});

/** Nobody listens there: a name would be looked up, which can take a machine without a network a minute. */
async function closedAddress(): Promise<string> {
  const closed = await startProxy({});
  await closed.close();
  return closed.address.replace("http:", "https:");
}

test("variables that name no proxy are passed over, and never end the program", async () => {
  const outcomes = [":::", "socks5://127.0.0.1:1"].map(async (HTTPS_PROXY) => {
    const { out, err } = await download({ HF_ENDPOINT: await closedAddress(), HTTPS_PROXY });
    expect(failureDocument.parse(JSON.parse(out)).error).toMatchObject({ code: "hub.unreachable" });
    expect(err).not.toContain("    at ");
  });
  await Promise.all(outcomes);
});
