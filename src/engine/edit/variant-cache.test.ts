import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { cached, makeRoom } from "./variant-cache.ts";

function entry(name: string, made: string[] = []) {
  return {
    name,
    bytes: 4,
    write: async (path: string) => {
      made.push(name);
      await new Promise((resolve) => setTimeout(resolve, 5));
      writeFileSync(path, "text");
    },
  };
}

test("made once, also when asked twice at the same time", async () => {
  const cache = temporaryFolder();
  const made: string[] = [];
  const asked = [1, 2, 3].map(() => cached("factors", entry("a", made), cache));
  const paths = new Set([...(await Promise.all(asked)), await cached("factors", entry("a", made), cache)]);
  expect([...paths]).toEqual([join(cache, "variants", "factors", "a")]);
  expect(made).toEqual(["a"]);
});

test("what failed is not there, and is tried again", async () => {
  const cache = temporaryFolder();
  const failing = { ...entry("a"), write: async () => Promise.reject(new Error("broken")) };
  await expect(cached("models", failing, cache)).rejects.toThrow("broken");
  expect(existsSync(join(cache, "variants", "models", "a"))).toBe(false);
  await expect(cached("models", entry("a"), cache)).resolves.toMatch(/a$/);
});

test("the one used longest ago goes first, the last two never", async () => {
  const folder = temporaryFolder();
  const add = (name: string, bytes: number, age: number) => {
    const path = join(folder, name);
    mkdirSync(path);
    writeFileSync(join(path, "model.safetensors"), Buffer.alloc(bytes));
    const time = new Date(Date.now() - age * 1000);
    utimesSync(path, time, time);
  };
  add("oldest", 100, 50);
  add("old", 100, 40);
  add("recent", 100, 30);
  add("newest", 100, 20);
  await makeRoom(folder, 350);
  expect(readdirSync(folder).sort()).toEqual(["newest", "old", "recent"]);
  await makeRoom(folder, 0);
  expect(readdirSync(folder).sort()).toEqual(["newest", "recent"]);
});

test("use makes an entry the newest", async () => {
  const cache = temporaryFolder();
  for (const name of ["a", "b", "c"]) {
    const path = await cached("factors", entry(name), cache);
    const time = new Date(Date.now() - 60_000 + 1000 * (name.charCodeAt(0) - 97));
    utimesSync(path, time, time);
  }
  await cached("factors", entry("a"), cache);
  await makeRoom(join(cache, "variants", "factors"), 0);
  expect(readdirSync(join(cache, "variants", "factors")).sort()).toEqual(["a", "c"]);
});
