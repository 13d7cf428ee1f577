import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { bundledDemo, copyDemo } from "./demo.ts";

function files(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

test("the whole demo is copied; what stands there already is kept", async () => {
  const folder = join(temporaryFolder(), "demo");
  mkdirSync(join(folder, "base"), { recursive: true });
  writeFileSync(join(folder, "base", "config.json"), "mine");
  const { base, tuned } = await copyDemo(folder);
  expect(files(folder).sort()).toEqual(files(bundledDemo).sort());
  expect(readFileSync(join(base, "config.json"), "utf8")).toBe("mine");
  for (const { path } of tuned) expect(readdirSync(path)).not.toEqual([]);
});

test("a copy that fails leaves no part of a file", async () => {
  const folder = join(temporaryFolder(), "demo");
  mkdirSync(folder);
  writeFileSync(join(folder, "fft"), "a file where a folder is needed");
  await expect(copyDemo(folder)).rejects.toMatchObject({ code: "output.unwritable" });
  expect(files(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
});
