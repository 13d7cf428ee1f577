import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cpuMilliseconds } from "../../../test/builders/cpu-time.ts";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { JSON_DEPTH_MAXIMUM, JSON_VALUES_MAXIMUM } from "./json-guard.ts";
import { own, readJson } from "./read-json.ts";
import type { SourceFile } from "./source.ts";

const folder = temporaryFolder();
let made = 0;

function fileOf(content: string | Uint8Array): SourceFile {
  const path = join(folder, `${made++}.json`);
  writeFileSync(path, content);
  const { size, mtimeNs } = statSync(path, { bigint: true });
  return { name: "config.json", path, size: Number(size), mtimeNs };
}

const read = (content: string | Uint8Array, bytes = 2 ** 26) =>
  readJson(fileOf(content), { bytes, code: "json.invalid" });
const nested = (depth: number) => `${'{"a":'.repeat(depth - 1)}{}${"}".repeat(depth - 1)}`;

test("an object is read as it stands", async () => {
  expect(await read('{"a": [1, {"b": null}], "é": "\\"]}["}')).toEqual({ a: [1, { b: null }], é: '"]}[' });
});

test("depth is accepted up to the limit and refused one above it", async () => {
  expect(await read(nested(JSON_DEPTH_MAXIMUM))).toHaveProperty("a");
  await expect(read(nested(JSON_DEPTH_MAXIMUM + 1))).rejects.toMatchObject({
    code: "json.invalid",
    message: expect.stringMatching(/nested deeper/),
  });
});

test("millions of brackets are refused before they are parsed", async () => {
  await expect(read("[".repeat(2 ** 22))).rejects.toMatchObject({ message: expect.stringMatching(/nested deeper/) });
  const values = `{"a":[${"0,".repeat(JSON_VALUES_MAXIMUM)}0]}`;
  await expect(read(values)).rejects.toMatchObject({ message: expect.stringMatching(/more than .* values/) });
});

test("brackets and commas inside strings do not count, whatever is escaped", async () => {
  const text = `${"[".repeat(200)}\\",${"\\\\"}`;
  expect(await read(JSON.stringify({ a: text, b: 1 }))).toEqual({ a: text, b: 1 });
  for (const start of ['"', '\\"', '\\\\"', '""']) {
    const behind = start + "[".repeat(200);
    expect(await read(JSON.stringify({ a: behind }))).toEqual({ a: behind });
  }
});

test("a file larger than its limit is refused without being read", async () => {
  expect(await read('{"a":1}', 7)).toEqual({ a: 1 });
  await expect(read('{"a": 1}', 7)).rejects.toMatchObject({
    message: expect.stringMatching(/8 bytes, more than the limit of 7/),
  });
});

test("Python's numbers outside strings become null", async () => {
  const text = '{"time_step_limit": [0.0, Infinity], "x": NaN, "y": -Infinity, "NaN": "Infinity \\" NaN"}';
  expect(await read(text)).toEqual({ time_step_limit: [0, null], x: null, y: null, NaN: 'Infinity " NaN' });
});

test("an unclosed string of escaped quotes takes linear time", async () => {
  const started = cpuMilliseconds();
  await expect(read(`{"a": "${'\\"'.repeat(2 ** 22)}`)).rejects.toMatchObject({ code: "json.invalid" });
  expect(cpuMilliseconds() - started).toBeLessThan(3000);
});

test.each(["", "[]", "null", "3", '"a"', "{", '{"a":1}}', "﻿{}", "{'a': 1}"])("%j is refused", async (text) => {
  await expect(read(text)).rejects.toMatchObject({ code: "json.invalid", where: expect.stringContaining(folder) });
});

test("bytes that are not UTF-8 are refused", async () => {
  await expect(read(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).rejects.toMatchObject({
    message: expect.stringMatching(/UTF-8/),
  });
});

test("inherited names are not values", async () => {
  const object = await read('{"__proto__": {"tied": true}, "a": 1}');
  expect(own(object, "tied")).toBeUndefined();
  expect(own(object, "constructor")).toBeUndefined();
  expect(own(object, "a")).toBe(1);
});

test("a file that grew since it was listed is noticed", async () => {
  const file = fileOf('{"a": 1}');
  writeFileSync(file.path, '{"a": 1, "b": 2}');
  await expect(readJson(file, { bytes: 100, code: "json.invalid" })).rejects.toMatchObject({ code: "source.changed" });
});
