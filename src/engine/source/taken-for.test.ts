import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { takenFor } from "./taken-for.ts";

const folder = mkdtempSync(join(tmpdir(), "taken-for-"));
afterAll(() => rmSync(folder, { recursive: true }));

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"ab".repeat(32)}\nsize 988097824\n`;

test.each<[string, string, RegExp]>([
  ["a pointer", POINTER, /pointer of Git LFS\. The weights, 988097824 bytes, were never loaded: run `git lfs pull`/],
  [
    "a cut pointer",
    "version https://git-lfs.github.com/spec/v1\n",
    /pointer of Git LFS\. The weights were never loaded/,
  ],
  ["torch's archive", "PK\x03\x04\0\0archive/data.pkl", /^It is a pickle file of torch/],
  ["an old pickle", "\x80\x02}q\0.", /^It is a pickle file under this name\.$/],
  ["GGUF", "GGUF\x03\0\0\0", /^It is a GGUF file/],
  ["a page that a proxy sent", "\n<!DOCTYPE html><title>Log in</title>", /^It is a web page/],
])("%s", async (name, content, sentence) => {
  const path = join(folder, name);
  writeFileSync(path, Buffer.from(content, "latin1"));
  expect(await takenFor(path)).toMatch(sentence);
});

test("nothing is said of other beginnings, nor of files that are not there", async () => {
  const path = join(folder, "other");
  writeFileSync(path, "\x08\0\0\0\0\0\0\0{}      ");
  expect(await takenFor(path)).toBeUndefined();
  expect(await takenFor(join(folder, "absent"))).toBeUndefined();
});
