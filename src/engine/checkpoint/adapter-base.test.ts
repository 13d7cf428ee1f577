import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { writeAdapter, writeCheckpoint } from "../../../test/builders/checkpoint.ts";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { resolveAdapterBase } from "./adapter-base.ts";
import type { AdapterPackage } from "./checkpoint.ts";
import { open } from "./open.ts";

const COMMIT = "f".repeat(40);
let folder = "";

beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv("HF_HUB_CACHE", join(folder, "cache"));
});
afterEach(() => vi.unstubAllEnvs());

async function resolveHint(config: Record<string, unknown>): Promise<string | undefined> {
  const adapter = (await open(writeAdapter(join(folder, "adapter"), { config }))) as AdapterPackage;
  return resolveAdapterBase(adapter);
}

test("a path, absolute or seen from the adapter's folder", async () => {
  const base = writeCheckpoint(join(folder, "base"));
  expect(await resolveHint({ base_model_name_or_path: base })).toBe(base);
  expect(await resolveHint({ base_model_name_or_path: "../base" })).toBe(base);
  // Windows would ask another machine for it; nowhere is it looked at.
  expect(await resolveHint({ base_model_name_or_path: `/${base}` })).toBeUndefined();
});

test("a Hub id in the cache, at the revision that the configuration names", async () => {
  const root = join(folder, "cache", "models--owner--name");
  writeCheckpoint(join(root, "snapshots", COMMIT));
  mkdirSync(join(root, "refs"));
  writeFileSync(join(root, "refs", "main"), COMMIT);
  expect(await resolveHint({ base_model_name_or_path: "owner/name" })).toBe("hf://owner/name");
  expect(await resolveHint({ base_model_name_or_path: "owner/name", revision: COMMIT })).toBe(
    `hf://owner/name@${COMMIT}`,
  );
  expect(await resolveHint({ base_model_name_or_path: "owner/name", revision: "other" })).toBeUndefined();
  expect((await open("hf://owner/name")).kind).toBe("full");
});

test.each([
  undefined,
  null,
  "",
  ".",
  7,
  "owner/absent",
  "/home/someone/else",
  "\\\\server\\share",
  "//server/share",
  "a\0b",
  "../".repeat(2000),
  "__proto__",
])("%j is no base here", async (hint) => {
  expect(await resolveHint({ base_model_name_or_path: hint })).toBeUndefined();
});
