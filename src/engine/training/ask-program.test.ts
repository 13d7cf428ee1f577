import { expect, test } from "vitest";
import { askProgram, lastWords } from "./ask-program.ts";

const node = (script: string, more: Partial<Parameters<typeof askProgram>[0]> = {}) =>
  askProgram({ program: process.execPath, words: ["-e", script], patience: 10_000, ...more });

test("an answer, a failure, and a program that is absent are all answers", async () => {
  expect(await node("console.log(7)")).toMatchObject({ code: 0, output: "7\n", timedOut: false });
  expect(await node("console.error('why'); process.exit(3)")).toMatchObject({ code: 3, complaint: "why\n" });
  const absent = await askProgram({ program: "deltascope-no-such-program", words: [], patience: 1000 });
  expect(absent).toMatchObject({ code: null, complaint: expect.stringContaining("ENOENT") });
});

test("what hangs or floods is ended, also by a signal from outside", async () => {
  const hang = "setInterval(() => {}, 1000)";
  expect(await node(hang, { patience: 200 })).toMatchObject({ code: null, timedOut: true });
  expect(await node(hang, { signal: AbortSignal.timeout(100) })).toMatchObject({ code: null, timedOut: false });
  const flooded = await node("for (;;) console.log('x'.repeat(1000))", { longest: 50_000 });
  expect(flooded.code).toBeNull();
  expect(flooded.output.length).toBeLessThanOrEqual(50_000);
});

test("a letter that comes in two pieces stays one", async () => {
  const lines: string[] = [];
  const halves =
    "process.stderr.write(Buffer.from([0xe2, 0x82])); setTimeout(() => process.stderr.write(Buffer.from([0xac, 10])), 50)";
  const { complaint } = await node(halves, { onLine: (line) => lines.push(line) });
  expect([complaint, lines]).toEqual(["€\n", ["€"]]);
});

test("lines of standard error come one by one, progress bars included", async () => {
  const lines: string[] = [];
  await node("process.stderr.write('a\\nb\\r10%\\r20%\\nlast\\n')", { onLine: (line) => lines.push(line) });
  expect(lines).toEqual(["a", "b", "10%", "20%", "last"]);
  expect(lastWords("Traceback\nError: no\n\n")).toBe("Error: no");
  expect(lastWords("a.py:3: UserWarning: slow\n  warnings.warn(\n")).toBe("a.py:3: UserWarning: slow");
  expect(lastWords("  only this\n")).toBe("only this");
});

const frames = '  File "a.py", line 3, in <module>\n    work()\n';
const warning = "/lib/torch/a.py:88: FutureWarning: `x` is deprecated, use `y`.\n  warnings.warn(\n";
test.each([
  [
    "a trace before a warning",
    `Traceback (most recent call last):\n${frames}KeyError: 'x'\n${warning}`,
    "KeyError: 'x'",
  ],
  [
    "the last of several traces",
    `Traceback (most recent call last):\n${frames}ValueError: a\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n${frames}RuntimeError: b\nwith more words\n`,
    "RuntimeError: b",
  ],
  ["a reason before a warning", `Killed\n${warning}`, "Killed"],
  ["a logger's warning", "cannot open the file\n[WARNING] slow\nW0101 12:00 slow\n", "cannot open the file"],
  [
    "the interpreter's end",
    `Fatal Python error: Segmentation fault\n\nCurrent thread 0x0 (most recent call first):\n${frames}\nExtension modules: numpy\n`,
    "Fatal Python error: Segmentation fault",
  ],
])("last words: %s", (_, complaint, words) => {
  expect(lastWords(complaint)).toBe(words);
});
