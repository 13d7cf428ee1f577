import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakeContext } from "../../../../test/builders/fake-context.ts";
import { temporaryFolder } from "../../../../test/builders/folders.ts";
import { memoryKeychain, noKeychain } from "../../../../test/builders/memory-keychain.ts";
import { failureDocument, hubTokenDocument } from "../../../contract/documents.ts";
import { openEngine } from "../../../engine/engine.ts";
import type { Keychain } from "../../../engine/hub/keychain.ts";
import { runCommandLine } from "../../program.ts";

const token = "hf_averysecrettokenwxyz";

beforeEach(() => {
  vi.stubEnv("HF_ENDPOINT", "https://mirror.example");
  vi.stubEnv("HF_HOME", temporaryFolder("home"));
  vi.stubEnv("HF_TOKEN", "");
});
afterEach(() => vi.unstubAllEnvs());

async function run(keychain: Keychain, words: string, typed = ""): Promise<{ code: number; out: string; err: string }> {
  const context = fakeContext({}, { typed });
  const workspace = temporaryFolder("workspace");
  const openIt = async () => openEngine({ workspace, keychain });
  const code = await runCommandLine(["hub", "token", ...words.split(" ")], { ...context, openEngine: openIt });
  const said = { code, out: context.stdout.text, err: context.stderr.text };
  expect(said.out + said.err).not.toContain(token);
  return said;
}

test("set from standard input, shown by its ends, removed", async () => {
  const keychain = memoryKeychain();
  const none = { code: 0, out: "https://mirror.example: no token\n", err: "" };
  expect(await run(keychain, "status")).toEqual(none);
  const line = "https://mirror.example: token hf_…wxyz of the keychain for https://mirror.example\n";
  expect(await run(keychain, "set", `${token}\n`)).toEqual({ code: 0, out: line, err: "" });
  expect([...keychain.kept]).toEqual([["https://mirror.example", token]]);
  const { out } = await run(keychain, "status --json");
  expect(hubTokenDocument.parse(JSON.parse(out))).toMatchObject({ token: { from: "keychain" }, account: null });
  vi.stubEnv("HF_TOKEN", "hf_anotherlongtoken1234");
  expect((await run(keychain, "status")).out).toBe(
    "https://mirror.example: token hf_…1234 of the variable HF_TOKEN\nThe keychain's comes after it.\n",
  );
  vi.stubEnv("HF_TOKEN", "");
  expect(await run(keychain, "remove")).toEqual(none);
});

test("nothing typed, a word too many, and no keychain", async () => {
  expect(await run(memoryKeychain(), "set")).toMatchObject({ code: 2, err: expect.stringContaining("no token") });
  expect(await run(memoryKeychain(), `set ${token}`)).toMatchObject({ code: 2 });
  const { code, out } = await run(noKeychain, "set --json", token);
  expect(code).toBe(1);
  expect(failureDocument.parse(JSON.parse(out)).error).toMatchObject({ code: "hub.keychain" });
  const status = await run(noKeychain, "status");
  expect(status).toMatchObject({ code: 0, out: expect.stringMatching(/no token\nThe keychain .* no service\.\n$/) });
});
