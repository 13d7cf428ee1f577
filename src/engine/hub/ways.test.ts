/** The Hub as its users meet it: renamed repositories, revisions of every kind, mirrors below a path, tokens that expire. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { writeCheckpoint } from "../../../test/builders/checkpoint.ts";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { type HubServer, sha256, startHub } from "../../../test/builders/hub-server.ts";
import { memoryKeychain } from "../../../test/builders/memory-keychain.ts";
import type { BroughtSource } from "../../contract/domain/hub.ts";
import { type HubPlace, parseHubPlace } from "../../contract/hub-id.ts";
import { openSource } from "../source/open-source.ts";
import { openHub } from "./access.ts";
import { bringRepository } from "./bring.ts";

const token = "hf_mine";
let hub: HubServer;
let cache: string;
let model: string;

beforeEach(async () => {
  hub = await startHub();
  cache = temporaryFolder("cache");
  vi.stubEnv("HF_HUB_CACHE", cache);
  model = writeCheckpoint(join(temporaryFolder("model"), "tiny"), { shape: { vocabulary: 3000 } });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
});

/** @param onPause before another try */
async function bring(location: string, endpoint = hub.endpoint, onPause = () => {}): Promise<BroughtSource> {
  const opened = await openHub(memoryKeychain({ [endpoint]: token }), { HF_ENDPOINT: endpoint, HF_HOME: cache });
  const access = { ...opened, pause: async () => onPause() };
  const work = bringRepository(access, parseHubPlace(location) as HubPlace, {}, new AbortController().signal);
  for (;;) {
    const { done, value } = await work.next();
    if (done) return value;
  }
}

const weights = () => readFileSync(join(model, "model.safetensors"));
const storeSaw = () => hub.seen.filter(({ host }) => host === "store");

test("a renamed repository is found under its old name, and kept under it as Python's package does", async () => {
  const commit = hub.publish("new/name", model, { private: token });
  hub.move("old/name", "new/name");
  const { folder } = await bring("hf://old/name");
  expect(readFileSync(join(folder ?? "", "model.safetensors"))).toEqual(weights());
  expect(folder).toBe(join(cache, "models--old--name", "snapshots", commit));
  expect(storeSaw().map(({ authorization }) => authorization)).toEqual([undefined]);
});

test.each(["v1.0", "feature/long", "refs/pr/1"])("the revision %s is found, and again without the Hub", async (ref) => {
  hub.publish("owner/tiny", writeCheckpoint(join(temporaryFolder("other"), "main"), { seed: 9 }));
  const commit = hub.publish("owner/tiny", model, { ref });
  expect(await bring(`hf://owner/tiny@${ref}`)).toMatchObject({ location: `hf://owner/tiny@${commit}` });
  expect((await openSource(`hf://owner/tiny@${ref}`)).revision).toBe(commit);
  expect(readFileSync(join(cache, "models--owner--tiny", "refs", ref), "utf8")).toBe(commit);
});

test("files of the Xet store come by the plain address", async () => {
  hub.publish("owner/tiny", model);
  const xet = { "x-xet-hash": "f".repeat(64), link: '<https://cas.example/x>; rel="xet-auth"' };
  hub.fail({ at: "/resolve/", lie: xet, times: 99 });
  const { folder } = await bring("hf://owner/tiny");
  expect(readFileSync(join(folder ?? "", "model.safetensors"))).toEqual(weights());
});

test("a mirror below a path gets the token, and no other host does", async () => {
  hub.publish("owner/tiny", model, { private: token });
  const mirror = createServer((from, to) => {
    if (!from.url?.startsWith("/hub/")) return to.writeHead(404).end();
    const target = `${hub.endpoint}${from.url.slice("/hub".length)}`;
    return request(target, { headers: { ...from.headers, host: new URL(hub.endpoint).host } }, (answer) => {
      to.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(to);
    }).end();
  });
  await new Promise<void>((resolve) => mirror.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}/hub`;
  const { folder } = await bring("hf://owner/tiny", endpoint);
  expect(readdirSync(folder ?? "").sort()).toEqual(["config.json", "model.safetensors"]);
  expect(storeSaw().every(({ authorization }) => authorization === undefined)).toBe(true);
  mirror.closeAllConnections();
  mirror.close();
});

test("a token that expires in the middle is said to have, and what was loaded is kept", async () => {
  hub.publish("owner/tiny", model, { private: token });
  hub.fail({ at: sha256(weights()), host: "store", cutAfter: 70_000 });
  const expired = { "x-error-message": 'User Access Token "laptop" is expired' };
  const expire = () => hub.fail({ at: "/resolve/", status: 401, headers: expired, times: 99 });
  const error = await bring("hf://owner/tiny", hub.endpoint, expire).then(
    () => undefined,
    (thrown: unknown) => thrown as Error,
  );
  expect(error).toMatchObject({
    code: "hub.unauthorised",
    message: expect.stringMatching(/does not accept the token/),
  });
  expect(error?.message).not.toContain(token);
  const part = join(cache, "models--owner--tiny", "blobs", `${sha256(weights())}.deltascope.incomplete`);
  // What had come but was not read yet when the connection broke may be lost.
  const kept = statSync(part).size;
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThanOrEqual(70_000);
  hub.mend();
  await bring("hf://owner/tiny");
  expect(storeSaw().at(-1)?.range).toBe(`bytes=${kept}-`);
});
