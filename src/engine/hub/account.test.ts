import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { startHub } from "../../../test/builders/hub-server.ts";
import { memoryKeychain } from "../../../test/builders/memory-keychain.ts";
import { openHub } from "./access.ts";
import { whoAmI } from "./account.ts";

test("sent to another host, the question goes there without the token", async () => {
  const hub = await startHub();
  const keychain = memoryKeychain({ [hub.endpoint]: "hf_mine" });
  const opened = await openHub(keychain, { HF_ENDPOINT: hub.endpoint, HF_HOME: temporaryFolder("home") });
  const access = { ...opened, pause: async () => undefined };
  hub.fail({ at: "whoami", status: 302, headers: { location: `${hub.store}/elsewhere` }, times: 99 });
  await expect(whoAmI(access, new AbortController().signal)).rejects.toMatchObject({ code: "hub.server" });
  expect(hub.seen).toContainEqual(expect.objectContaining({ host: "hub", authorization: "Bearer hf_mine" }));
  expect(hub.seen).toContainEqual(expect.objectContaining({ host: "store", authorization: undefined }));
  expect(hub.seen.filter(({ host, authorization }) => host === "store" && authorization !== undefined)).toEqual([]);
  await hub.close();
});
