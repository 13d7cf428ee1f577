import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { FOLDER_ENTRIES_MAXIMUM } from "./list-files.ts";
import { openSource } from "./open-source.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
let folder = "";

beforeEach(() => {
  folder = temporaryFolder("Modèle 模型 mit Leerzeichen");
});
afterEach(() => vi.unstubAllEnvs());

/** A repository as huggingface_hub caches it: links in the snapshot, bytes among the blobs. */
function cacheRepository(cache: string, repository: string, names: string[], ref: string | undefined = "main"): string {
  const root = join(cache, `models--${repository.replace("/", "--")}`);
  const snapshot = join(root, "snapshots", COMMIT);
  for (const path of [snapshot, join(root, "blobs"), join(root, "refs")]) mkdirSync(path, { recursive: true });
  if (ref !== undefined) writeFileSync(join(root, "refs", ref), COMMIT);
  for (const name of names) {
    writeFileSync(join(root, "blobs", `sha-${name}`), name);
    symlinkSync(`../../blobs/sha-${name}`, join(snapshot, name));
  }
  return snapshot;
}

test("a folder lists its files with sizes and times, and what tells about its sub-folders", async () => {
  writeFileSync(join(folder, "model.safetensors"), "12345");
  writeFileSync(join(folder, ".hidden"), "");
  mkdirSync(join(folder, "checkpoint-500"));
  writeFileSync(join(folder, "checkpoint-500", "adapter_config.json"), "{}");
  writeFileSync(join(folder, "checkpoint-500", "optimizer.pt"), "{}");
  const source = await openSource(folder);
  expect(source).toMatchObject({ kind: "folder", location: folder, single: undefined });
  expect(source.files.map((file) => file.name)).toEqual(["checkpoint-500/adapter_config.json", "model.safetensors"]);
  expect(source.files[1]).toMatchObject({ size: 5, path: join(source.root, "model.safetensors") });
  expect(source.files[1]?.mtimeNs).toBeGreaterThan(1_600_000_000_000_000_000n);
});

test("a single file brings its configuration along, and nothing else of the folder matters", async () => {
  writeFileSync(join(folder, "a.safetensors"), "1");
  writeFileSync(join(folder, "b.safetensors"), "2");
  writeFileSync(join(folder, "config.json"), "{}");
  symlinkSync("/etc/hostname", join(folder, "c.safetensors"));
  const source = await openSource(join(folder, "a.safetensors"));
  expect(source.kind).toBe("file");
  expect(source.files.map((file) => file.name)).toEqual(["a.safetensors", "config.json"]);
  expect(source.single).toMatchObject({ name: "a.safetensors", size: 1 });
});

test("a link inside the folder is followed", async () => {
  mkdirSync(join(folder, "store"));
  writeFileSync(join(folder, "store", "x"), "123");
  symlinkSync("store/x", join(folder, "model.safetensors"));
  const source = await openSource(folder);
  expect(source.files).toMatchObject([{ name: "model.safetensors", size: 3, path: join(source.root, "store", "x") }]);
});

test("a link that leads outside is refused where it would be read, and left out where it would not", async () => {
  const outside = temporaryFolder();
  writeFileSync(join(outside, "weights"), "1");
  writeFileSync(join(folder, "config.json"), "{}");
  symlinkSync(join(outside, "weights"), join(folder, "tokenizer.json"));
  expect((await openSource(folder)).files.map((file) => file.name)).toEqual(["config.json"]);
  symlinkSync(join(outside, "weights"), join(folder, "model.safetensors"));
  await expect(openSource(folder)).rejects.toMatchObject({ code: "source.path-escape" });
});

test("a folder whose name merely starts like the opened one is outside", async () => {
  const inner = join(folder, "model");
  mkdirSync(inner);
  mkdirSync(`${inner}-other`);
  writeFileSync(`${inner}-other/x`, "1");
  symlinkSync("../model-other/x", join(inner, "model.safetensors"));
  await expect(openSource(inner)).rejects.toMatchObject({ code: "source.path-escape" });
});

test("a Hub id is looked up in the cache that the environment names", async () => {
  const snapshot = cacheRepository(join(folder, "hub"), "owner/some-model.v1", ["config.json", "model.safetensors"]);
  vi.stubEnv("HF_HUB_CACHE", undefined);
  vi.stubEnv("HUGGINGFACE_HUB_CACHE", undefined);
  vi.stubEnv("HF_HOME", folder);
  for (const id of ["owner/some-model.v1", "hf://owner/some-model.v1@main", `owner/some-model.v1@${COMMIT}`]) {
    const source = await openSource(id);
    expect(source).toMatchObject({
      kind: "hub-cache",
      repository: "owner/some-model.v1",
      revision: COMMIT,
      location: id,
    });
    expect(source.files.map((file) => [file.name, file.size])).toEqual([
      ["config.json", 11],
      ["model.safetensors", 17],
    ]);
  }
  expect(await openSource(snapshot)).toMatchObject({ kind: "hub-cache", repository: "owner/some-model.v1" });
});

test("a snapshot without a branch is found when it is the only one", async () => {
  cacheRepository(folder, "owner/name", ["model.safetensors"], "v2");
  vi.stubEnv("HF_HUB_CACHE", folder);
  expect((await openSource("owner/name")).revision).toBe(COMMIT);
  expect((await openSource("owner/name@v2")).revision).toBe(COMMIT);
  await expect(openSource("owner/name@v3")).rejects.toMatchObject({ code: "source.not-found" });
});

test("links of a cached snapshot may lead to its own blobs only", async () => {
  const snapshot = cacheRepository(folder, "owner/name", []);
  mkdirSync(join(folder, "models--other--name", "blobs"), { recursive: true });
  writeFileSync(join(folder, "models--other--name", "blobs", "x"), "1");
  symlinkSync("../../../models--other--name/blobs/x", join(snapshot, "model.safetensors"));
  vi.stubEnv("HF_HUB_CACHE", folder);
  await expect(openSource("owner/name")).rejects.toMatchObject({ code: "source.path-escape" });
});

test("what is not in the cache is refused with the folder that was looked in", async () => {
  vi.stubEnv("HF_HUB_CACHE", folder);
  await expect(openSource("owner/name")).rejects.toMatchObject({
    code: "source.not-found",
    message: expect.stringContaining(folder),
  });
});

test("a path that exists goes before a Hub id", async () => {
  cacheRepository(join(folder, "hub"), "owner/name", ["model.safetensors"]);
  vi.stubEnv("HF_HUB_CACHE", join(folder, "hub"));
  mkdirSync(join(folder, "owner", "name"), { recursive: true });
  writeFileSync(join(folder, "owner", "name", "config.json"), "{}");
  const before = process.cwd();
  process.chdir(folder);
  expect((await openSource("owner/name")).kind).toBe("folder");
  process.chdir(before);
});

test.each([
  "",
  "does/not/exist/at/all",
  "./absent",
  "../../..//absent",
  "hf://..",
  "owner/..",
  "owner/name@../../x",
  "a\0b",
  "x".repeat(5000),
])("%j is not found", async (location) => {
  await expect(openSource(location)).rejects.toMatchObject({ code: "source.not-found" });
});

test("an empty folder is refused", async () => {
  await expect(openSource(folder)).rejects.toMatchObject({
    code: "source.empty",
    message: expect.stringContaining(folder),
  });
});

test("a folder with thousands of entries is no checkpoint", async () => {
  for (let entry = 0; entry < FOLDER_ENTRIES_MAXIMUM; entry++) writeFileSync(join(folder, `${entry}`), "");
  expect((await openSource(folder)).files).toHaveLength(FOLDER_ENTRIES_MAXIMUM);
  writeFileSync(join(folder, "one-more"), "");
  await expect(openSource(folder)).rejects.toMatchObject({
    code: "source.unreadable",
    message: expect.stringMatching(/more than 10000/),
  });
});

test("a folder in place of the weights is refused, and so is a loop of links", async () => {
  mkdirSync(join(folder, "inner"));
  mkdirSync(join(folder, "inner", "model.safetensors"));
  symlinkSync("b", join(folder, "a"));
  symlinkSync("a", join(folder, "b"));
  await expect(openSource(join(folder, "a"))).rejects.toMatchObject({ code: "source.unreadable" });
  await expect(openSource(join(folder, "inner"))).rejects.toMatchObject({ code: "source.empty" });
  await expect(openSource("/dev/null")).rejects.toMatchObject({ code: "source.unreadable" });
});
