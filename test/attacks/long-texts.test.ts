/** Patterns of ours on texts of others: eight times the length may not take much more than eight times as long. */
import { expect, test } from "vitest";
import { nameAlerts } from "../../src/engine/adapter/belonging.ts";
import { orderedEntries } from "../../src/engine/adapter/ordered-json.ts";
import { compilePattern } from "../../src/engine/adapter/pattern.ts";
import { isPickle } from "../../src/engine/checkpoint/contents.ts";
import { unknown } from "../../src/engine/checkpoint/families/unknown.ts";
import { quote } from "../../src/engine/source/quote.ts";
import { cpuMilliseconds } from "../builders/cpu-time.ts";
import { headerCheckpoint } from "../builders/headers.ts";

const BASE = headerCheckpoint({});
const SHORT = 50_000;
const TIMES = 8;

const uses: Record<string, (text: string) => unknown> = {
  "the base that an adapter names": (text) => nameAlerts(text, BASE),
  "a pattern of a configuration": (text) => compilePattern(text),
  "a key of a pattern table": (text) => orderedEntries(JSON.stringify({ p: { 1: 1, [text]: 2 } }), "p"),
  "the name of a file": (text) => isPickle(text),
  "the name of a tensor": (text) => unknown.role(text),
  "a name in a message": (text) => quote(text),
};

const texts: Record<string, string> = {
  "one letter": "a",
  "quoted digits": "-bnb-4bit-unsloth",
  "openings of groups": "(?aaa",
  dots: ".",
  numbers: ".layers.0.experts.11",
  "quotes and backslashes": '\\"',
  blanks: " \t",
};

function timeOf(use: (text: string) => unknown, text: string): number {
  const started = cpuMilliseconds();
  use(text);
  return cpuMilliseconds() - started;
}

test.each(Object.entries(uses))("%s", (_, use) => {
  for (const [name, piece] of Object.entries(texts)) {
    const short = piece.repeat(SHORT / piece.length);
    const first = Math.min(timeOf(use, `${short}!`), timeOf(use, `${short}!`));
    // What takes the square of the length would take 64 times as long.
    expect(timeOf(use, `${short.repeat(TIMES)}!`), name).toBeLessThan(25 + 3 * TIMES * first);
  }
});
