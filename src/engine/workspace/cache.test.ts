import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { cacheBytes, clearCache } from "./cache.ts";

test("all files below count, and all go; what a link leads to stays", async () => {
  const [folder, elsewhere] = [temporaryFolder("cache"), temporaryFolder("elsewhere")];
  mkdirSync(path.join(folder, "merged", "one"), { recursive: true });
  writeFileSync(path.join(folder, "merged", "one", "model.safetensors"), "x".repeat(1000));
  writeFileSync(path.join(folder, "loose"), "x".repeat(24));
  writeFileSync(path.join(elsewhere, "precious"), "x".repeat(500));
  symlinkSync(elsewhere, path.join(folder, "link"));
  expect(await cacheBytes(folder)).toBe(1024);
  await clearCache(folder);
  expect(readdirSync(folder)).toEqual([]);
  expect(existsSync(path.join(elsewhere, "precious"))).toBe(true);
  expect(await cacheBytes(folder)).toBe(0);
});

test("a folder that is not there is empty", async () => {
  expect(await cacheBytes("/nowhere/at/all")).toBe(0);
});
