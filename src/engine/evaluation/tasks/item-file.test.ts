import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cpuMilliseconds } from "../../../../test/builders/cpu-time.ts";
import { temporaryFolder } from "../../../../test/builders/folders.ts";
import { readItems } from "./item-file.ts";
import { LINE_BYTES_MAXIMUM } from "./lines.ts";

const folder = temporaryFolder();
let made = 0;

function fileOf(...lines: (string | Uint8Array)[]): string {
  const path = join(folder, `${made++}.jsonl`);
  writeFileSync(path, Buffer.concat(lines.flatMap((line) => [Buffer.from(line as string), Buffer.from("\n")])));
  return path;
}

async function read(path: string) {
  const source = readItems(path);
  const items = [];
  for await (const item of source) items.push(item);
  return items;
}
const good = '{"context": "a", "choices": ["b", "c"], "gold": 0}';

test("lines end at \\n only; empty ones are no items; a mark at the beginning is none either", async () => {
  const path = fileOf(
    `\ufeff${good}\r`,
    "  \t",
    '{"text": "a\u2028b\u0085c"}',
    '{"context": "\ufeff", "choices": ["x"], "gold": [0], "unknown": 1}',
  );
  const items = await read(path);
  expect(items.map(({ index }) => index)).toEqual([0, 1, 2]);
  expect(items.map(({ item }) => item)).toEqual([
    { context: "a", choices: ["b", "c"], gold: 0 },
    { text: "a\u2028b\u0085c" },
    { context: "\ufeff", choices: ["x"], gold: [0] },
  ]);
});

test.each<[string, string | Uint8Array, RegExp]>([
  ["no JSON", "{", /not valid JSON/],
  ["no object", "[1]", /no JSON object/],
  ["bytes that are no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), /not UTF-8/],
  ["no choices", '{"context": "a"}', /choices: /],
  ["choices without an entry", '{"context": "a", "choices": [], "gold": 0}', /choices: /],
  ["an empty choice", '{"context": "a", "choices": ["b", ""], "gold": 0}', /choices\.1 is empty/],
  ["a choice that is no text", '{"context": "a", "choices": [1], "gold": 0}', /choices\.0: /],
  ["gold beyond the choices", '{"context": "a", "choices": ["b"], "gold": 1}', /gold is 1, but there are 1 choices/],
  ["gold below zero", '{"context": "a", "choices": ["b"], "gold": [0, -1]}', /gold is -1/],
  ["no gold", '{"context": "a", "choices": ["b"]}', /gold: /],
  ["half of a surrogate pair", '{"context": "\\ud800", "choices": ["b"], "gold": 0}', /context holds half/],
  ["words below one", '{"text": "a", "words": 0}', /words is 0/],
  ["deep nesting", `{"text": ${"[".repeat(100)}${"]".repeat(100)}}`, /nested deeper/],
  ["inherited names", '{"__proto__": {"text": "a"}}', /context: /],
  ["too many choices", JSON.stringify({ context: "", choices: Array(1001).fill("a"), gold: 0 }), /1001 entries/],
])("%s: the item is refused with its line, and the file goes on", async (_, line, message) => {
  const path = fileOf("", good, line, good);
  const items = await read(path);
  expect(items.map(({ fault }) => fault?.code)).toEqual([undefined, "task.invalid", undefined]);
  expect(items[1]?.fault).toMatchObject({
    message: expect.stringMatching(message),
    where: `${path}:3`,
  });
  expect(items[1]?.fault?.message).toContain(`${path}:3: `);
});

test("the longest line is read, one byte more is refused with its number", async () => {
  const frame = '{"text": ""}'.length;
  const longest = `{"text": "${"a".repeat(LINE_BYTES_MAXIMUM - frame)}"}`;
  expect(await read(fileOf(good, longest))).toHaveLength(2);
  const path = fileOf(good, `${longest} `);
  await expect(read(path)).rejects.toMatchObject({ code: "task.too-large", where: `${path}:2` });
});

test("a line of 200 MB and a file of a gigabyte are refused without being read", async () => {
  for (const size of [200e6, 1e9]) {
    const path = join(folder, `sparse-${size}`);
    const file = openSync(path, "w");
    ftruncateSync(file, size);
    closeSync(file);
    const started = cpuMilliseconds();
    await expect(read(path)).rejects.toMatchObject({ code: "task.too-large" });
    expect(cpuMilliseconds() - started).toBeLessThan(500);
  }
});

test("many short lines are read in time that grows with their number", async () => {
  const path = fileOf(...Array(50_000).fill(good));
  const started = cpuMilliseconds();
  expect(await read(path)).toHaveLength(50_000);
  expect(cpuMilliseconds() - started).toBeLessThan(10_000);
});

test("absent files and folders are named", async () => {
  await expect(read(join(folder, "absent"))).rejects.toMatchObject({ code: "source.not-found" });
  mkdirSync(join(folder, "inner"));
  await expect(read(join(folder, "inner"))).rejects.toMatchObject({ code: "source.unreadable" });
});
