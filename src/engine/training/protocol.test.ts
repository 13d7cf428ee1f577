import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { TrainerEvent } from "../../contract/domain/training.ts";
import { isFinal } from "./ending.ts";
import { trainerFolder } from "./process-variables.ts";
import { createLineReader, longestLine } from "./protocol.ts";

const hello = { v: 1, seq: 1, t: 1, type: "hello", protocol: 1, pid: 7, version: "0.1.0" };
const beat = { v: 1, seq: 2, t: 2, type: "heartbeat", phase: "train" };
const bytes = (...lines: unknown[]): Buffer =>
  Buffer.from(lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join(""));
const read = (...lines: unknown[]) => {
  const reader = createLineReader(() => 5000);
  return [...reader.push(bytes(...lines)), ...reader.end()];
};

test("lines arrive whole whatever the pieces, letters of several bytes included", () => {
  const warning = { v: 1, seq: 3, t: 3, type: "warning", code: "a", message: "zu groß – 模型" };
  const whole = bytes(hello, beat, warning);
  for (const size of [1, 2, 7, 4096]) {
    const reader = createLineReader();
    const events = [];
    for (let at = 0; at < whole.length; at += size) events.push(...reader.push(whole.subarray(at, at + size)));
    expect([...events, ...reader.end()]).toEqual([hello, beat, warning]);
  }
});

test("a last line without its end still counts", () => {
  const reader = createLineReader();
  expect(reader.push(Buffer.from(JSON.stringify(hello)))).toEqual([]);
  expect(reader.end()).toEqual([hello]);
});

test("unknown types and fields are passed over", () => {
  expect(read(hello, { v: 1, seq: 2, t: 1, type: "mood", value: 3 }, { ...beat, seq: 3, mood: "good" })).toEqual([
    hello,
    { ...beat, seq: 3 },
  ]);
});

test("what is no line of the protocol becomes a warning, and the lines after it count", () => {
  const garbage = ["Loading 100%|####|", "[1,2]", "null", "{", '{"__proto__":{"type":"done"}}', "\u0000\u0001"];
  const events = read(hello, ...garbage, beat);
  expect(events).toHaveLength(2 + garbage.length);
  expect(events.at(-1)).toEqual(beat);
  const warnings = events.slice(1, -1);
  for (const event of warnings) expect(event).toMatchObject({ type: "warning", code: "protocol.line", seq: 1, t: 5 });
  expect(warnings.at(-1)).toMatchObject({ message: expect.stringContaining("\\u0000\\u0001") });
});

test("a known type with fields of another kind names the field", () => {
  const [, warning] = read(hello, { ...beat, phase: 7 });
  expect(warning).toMatchObject({ code: "protocol.fields", message: expect.stringContaining("phase") });
});

test("a line that is too long is left out without being kept", () => {
  const longest = { ...beat, phase: "x".repeat(longestLine - JSON.stringify({ ...beat, phase: "" }).length) };
  expect(read(hello, longest)[1]).toMatchObject({ type: "heartbeat" });
  const tooLong = { ...longest, phase: `${longest.phase}x` };
  expect(read(hello, tooLong, { ...beat })).toMatchObject([
    { type: "hello" },
    { code: "protocol.line", message: expect.stringContaining("65536") },
    { type: "heartbeat" },
  ]);
});

test("a flood of garbage gives few warnings and one count", () => {
  const events = read(hello, ...Array.from({ length: 500 }, () => "noise"), beat);
  expect(events).toHaveLength(1 + 20 + 1 + 1);
  expect(events.at(-1)).toMatchObject({ code: "protocol.line", message: "480 more lines were not of the protocol." });
});

test("a missing line is noticed", () => {
  const events = read(hello, { ...beat, seq: 4 }, { ...beat, seq: 5 });
  expect(events.map(({ type }) => type)).toEqual(["hello", "warning", "heartbeat", "heartbeat"]);
  expect(events[1]).toMatchObject({ code: "protocol.gap", message: "Line 2 was expected, line 4 came." });
});

test("a newer protocol is refused, and nothing after it is read", () => {
  const reader = createLineReader();
  expect(reader.push(bytes({ ...hello, v: 2, protocol: 2, version: "9.0" }, beat))).toEqual([]);
  expect(reader.refusal()).toMatchObject({ code: "protocol.version", message: expect.stringContaining("protocol 2") });
  expect(reader.push(bytes(beat))).toEqual([]);
});

/** The trainer's own sample: one run with each of its possible last lines. */
const golden = readFileSync(join(trainerFolder, "samples", "events.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line): TrainerEvent => JSON.parse(line));

test.each(golden.filter(isFinal))("a golden run that ends with $type: one event a line, no warning", (ending) => {
  const run = [...golden.filter((line) => !isFinal(line)), ending];
  expect(read(...run)).toEqual(run);
});
