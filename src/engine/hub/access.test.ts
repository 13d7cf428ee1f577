import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { memoryKeychain, noKeychain } from "../../../test/builders/memory-keychain.ts";
import { hubCacheFolder } from "../source/hub-cache.ts";
import { openHub, withoutTokens } from "./access.ts";

afterEach(() => vi.unstubAllEnvs());

const HF_HOME = temporaryFolder("home");

test("the public Hub without a token, where nothing is set", async () => {
  expect(await openHub(noKeychain, { HF_HOME })).toMatchObject({
    endpoint: "https://huggingface.co",
    token: undefined,
  });
});

test("address and token of the environment, and of the file that a login leaves", async () => {
  const home = temporaryFolder("home");
  writeFileSync(join(home, "token"), "hf_file\n");
  expect(await openHub(noKeychain, { HF_HOME: home, HF_ENDPOINT: "https://mirror.example/hub/" })).toMatchObject({
    endpoint: "https://mirror.example/hub",
    token: "hf_file",
  });
  expect((await openHub(noKeychain, { HF_HOME: home, HF_TOKEN: "hf_first" })).token).toBe("hf_first");
  const elsewhere = join(home, "other");
  writeFileSync(elsewhere, "hf_elsewhere");
  expect((await openHub(noKeychain, { HF_HOME: home, HF_TOKEN_PATH: elsewhere })).token).toBe("hf_elsewhere");
});

test("empty variables count as none, and ~ is the home, as in Python", async () => {
  const home = temporaryFolder("home");
  mkdirSync(join(home, "hf"));
  writeFileSync(join(home, "hf", "token"), "hf_file\n");
  vi.stubEnv("HOME", home);
  vi.stubEnv("HF_HUB_CACHE", "~/hf/hub");
  expect((await openHub(noKeychain, { HF_HOME: "~/hf", HF_TOKEN: "" })).token).toBe("hf_file");
  expect(hubCacheFolder()).toBe(join(home, "hf", "hub"));
});

test.each(["1", "true", "YES", "on"])("HF_HUB_OFFLINE=%s: the Hub is not asked", async (HF_HUB_OFFLINE) => {
  await expect(openHub(noKeychain, { HF_HOME, HF_HUB_OFFLINE })).rejects.toMatchObject({ code: "hub.offline" });
});

test.each(["ftp://x", "huggingface.co", "http://user:secret@host", "file:///etc"])(
  "%s is no endpoint, and is not repeated",
  async (HF_ENDPOINT) => {
    const error = await openHub(noKeychain, { HF_HOME, HF_ENDPOINT }).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: "hub.endpoint-invalid", message: "HF_ENDPOINT is no plain http address." });
  },
);

test.each(["hf_a\nEvil: header", "hf_ü", "x".repeat(2000)])(
  "a token that is none is not repeated (%#)",
  async (HF_TOKEN) => {
    const error = await openHub(noKeychain, { HF_HOME, HF_TOKEN }).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: "hub.unauthorised" });
    expect((error as Error).message).not.toContain(HF_TOKEN.slice(0, 4));
  },
);

test("the environment's token goes before the keychain's, and that before the file's; each Hub has its own", async () => {
  const home = temporaryFolder("home");
  writeFileSync(join(home, "token"), "hf_file");
  const keychain = memoryKeychain({ "https://huggingface.co": "hf_kept" });
  const tokenOf = async (more: Record<string, string>) => (await openHub(keychain, { HF_HOME: home, ...more })).token;
  expect(await tokenOf({ HF_TOKEN: "hf_variable" })).toBe("hf_variable");
  expect(await tokenOf({})).toBe("hf_kept");
  expect(await tokenOf({ HF_ENDPOINT: "https://mirror.example" })).toBe("hf_file");
  keychain.kept.clear();
  expect(await tokenOf({})).toBe("hf_file");
});

test("child processes get no token, and everything else", () => {
  const given = { HF_TOKEN: "a", HUGGING_FACE_HUB_TOKEN: "b", HF_HOME: "/h", PATH: "/bin" };
  expect(withoutTokens(given)).toEqual({ HF_HOME: "/h", PATH: "/bin" });
});
