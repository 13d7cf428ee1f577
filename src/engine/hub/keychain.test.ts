import { expect, test } from "vitest";
import { systemKeychain } from "./keychain.ts";

const hub = "https://huggingface.co";

/** Entries of the library that answer from a table, or as `misbehave` does. */
function library(misbehave?: () => Promise<never>) {
  const kept = new Map<string, string>();
  const made: unknown[][] = [];
  class AsyncEntry {
    readonly #key: string;
    constructor(...parameters: unknown[]) {
      made.push(parameters);
      this.#key = parameters.slice(0, 2).join("/");
    }
    getPassword = misbehave ?? (async () => kept.get(this.#key) ?? null);
    setPassword = misbehave ?? (async (text: string) => void kept.set(this.#key, text));
    deletePassword = misbehave ?? (async () => kept.delete(this.#key));
  }
  return { kept, made, load: () => ({ AsyncEntry }) };
}

test("a token is kept for its own Hub, never in a keyring that forgets it, and taken out again", async () => {
  const { kept, made, load } = library();
  const keychain = systemKeychain(load);
  expect(await keychain.read(hub)).toBeUndefined();
  await keychain.write(hub, "hf_mine");
  expect(kept).toEqual(new Map([[`DeltaScope/${hub}`, "hf_mine"]]));
  expect(await keychain.read(hub)).toBe("hf_mine");
  expect(await keychain.read("https://mirror.example")).toBeUndefined();
  expect(await keychain.remove(hub)).toBe(true);
  expect(await keychain.remove(hub)).toBe(false);
  for (const [, , options] of made) expect(options).toEqual({ linux: { store: "secret-service" } });
});

test("without the optional package, and without a service, one sentence says so", async () => {
  const absent = systemKeychain(() => {
    throw Object.assign(new Error("Cannot find module"), { code: "MODULE_NOT_FOUND" });
  });
  await expect(absent.read(hub)).rejects.toMatchObject({
    code: "hub.keychain",
    message: "The keychain of this system cannot be used: the package @napi-rs/keyring is not installed.",
  });
  const refused = systemKeychain(library(() => Promise.reject(new Error("Bad encoding: hf_mine"))).load);
  const error = await refused.write(hub, "hf_mine").catch((thrown: unknown) => thrown as Error);
  expect(error).toMatchObject({ code: "hub.keychain", message: expect.stringContaining("Bad encoding") });
  expect((error as Error).message).not.toContain("hf_mine");
});

test("a locked keychain is waited for once, and no longer than its time", async () => {
  const { made, load } = library(() => new Promise<never>(() => undefined));
  const keychain = systemKeychain(load, 20);
  const silent = { code: "hub.keychain", message: "The keychain of this system does not answer; it may be locked." };
  await expect(keychain.read(hub)).rejects.toMatchObject(silent);
  await expect(keychain.read(hub)).rejects.toMatchObject(silent);
  expect(made).toHaveLength(1);
  // Who asks for more than reading is at the machine.
  await expect(keychain.write(hub, "hf_mine")).rejects.toMatchObject(silent);
  expect(made).toHaveLength(2);
});
