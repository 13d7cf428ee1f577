import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeFileAtomically } from "./write-file.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deltascope-write-"));
});
afterEach(() => {
  chmodSync(folder, 0o755);
  rmSync(folder, { recursive: true });
});

test("writes the whole text and leaves nothing else", async () => {
  expect(await writeFileAtomically(join(folder, "Bericht ü.html"), "Δ\n", false)).toBe(3);
  expect(readdirSync(folder)).toEqual(["Bericht ü.html"]);
  expect(readFileSync(join(folder, "Bericht ü.html"), "utf8")).toBe("Δ\n");
});

test("an existing file stays unless overwriting was asked", async () => {
  const file = join(folder, "a.html");
  writeFileSync(file, "old");
  await expect(writeFileAtomically(file, "new", false)).rejects.toMatchObject({ code: "output.exists" });
  expect(readFileSync(file, "utf8")).toBe("old");
  await writeFileAtomically(file, "new", true);
  expect(readFileSync(file, "utf8")).toBe("new");
  expect(readdirSync(folder)).toEqual(["a.html"]);
});

test("a JSON file that is no document of ours is never replaced", async () => {
  const config = join(folder, "config.json");
  writeFileSync(config, '{"model_type": "qwen2"}');
  await expect(writeFileAtomically(config, "{}", true)).rejects.toMatchObject({ code: "output.exists" });
  const own = join(folder, "old.json");
  writeFileSync(own, '{\n  "schema": "deltascope.analysis/1"}');
  await writeFileAtomically(own, "{}", true);
  expect(readFileSync(own, "utf8")).toBe("{}");
});

test("two writers at once: one wins, the other is told, nothing is mixed", async () => {
  const file = join(folder, "a.json");
  const results = await Promise.allSettled(
    ["1", "2", "3"].map((text) => writeFileAtomically(file, text.repeat(99_999), false)),
  );
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(new Set(readFileSync(file, "utf8")).size).toBe(1);
  expect(readdirSync(folder)).toEqual(["a.json"]);
});

test("a missing folder and a folder in the way are named", async () => {
  const missing = join(folder, "no", "a.json");
  await expect(writeFileAtomically(missing, "x", false)).rejects.toMatchObject({
    code: "output.unwritable",
    message: `${missing} cannot be written: its folder does not exist.`,
  });
  writeFileSync(join(folder, "file"), "");
  await expect(writeFileAtomically(join(folder, "file", "a.json"), "x", true)).rejects.toMatchObject({
    code: "output.unwritable",
    message: `${join(folder, "file", "a.json")} cannot be written: a part of its path is not a folder.`,
  });
  mkdirSync(join(folder, "b.json"));
  await expect(writeFileAtomically(join(folder, "b.json"), "x", true)).rejects.toMatchObject({
    code: "output.unwritable",
  });
});
