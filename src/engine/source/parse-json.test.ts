/** Against JSON.parse: the same values, in the same order, and the same texts refused. */

import { expect, test } from "vitest";
import { watchTurns } from "../../../test/builders/longest-turn.ts";
import { fc } from "../../../test/builders/properties.ts";
import { JSON_TEXT_BYTES_MAXIMUM, lookOver } from "./json-guard.ts";
import { parseInTurns } from "./parse-json.ts";

async function parse(
  text: string | Buffer,
  { large, table }: { large?: number; table?: string } = {},
): Promise<unknown> {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  const overview = await lookOver(bytes, large === undefined ? {} : { large });
  if (overview.excess !== undefined) throw new Error(overview.excess);
  return parseInTurns(bytes, overview, table);
}

/** So small that nearly everything is cut. */
const LARGE = fc.constantFrom(3, 8, 30, 1000);
const leaf = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom("", "[", "},{", '"', "\\", 'x,]}\\"'));
const key = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom("__proto__", "constructor", "1", "0", "table"));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 4 }, leaf, tie("list"), tie("object")),
  list: fc.array(tie("tree"), { maxLength: 6 }),
  object: fc.array(fc.tuple(key, tie("tree")), { maxLength: 6 }).map((entries) => new Members(entries)),
}));

/** An object that may say a key twice. */
class Members {
  readonly entries: [string, unknown][];
  constructor(entries: [string, unknown][]) {
    this.entries = entries;
  }
}

function write(value: unknown, blank: string): string {
  if (value instanceof Members) {
    const members = value.entries.map(([name, each]) => `${JSON.stringify(name)}${blank}:${write(each, blank)}`);
    return `{${blank}${members.join(`${blank},`)}${blank}}`;
  }
  if (Array.isArray(value)) return `[${blank}${value.map((each) => write(each, blank)).join(`,${blank}`)}${blank}]`;
  return JSON.stringify(value);
}

/** The value with the order of its keys. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).map(([name, each]) => [name, inOrder(each)]);
}

const containers = fc.oneof(tree, tree).filter((value) => Array.isArray(value) || value instanceof Members);

test("valid texts", async () => {
  await fc.assert(
    fc.asyncProperty(containers, fc.constantFrom("", " ", "\n\t "), LARGE, async (value, blank, large) => {
      const text = `${blank}${write(value, blank)}${blank}`;
      expect(inOrder(await parse(text, { large }))).toEqual(inOrder(JSON.parse(text)));
    }),
    { numRuns: 3000, seed: 3 },
  );
});

test("texts with something put in, taken out or exchanged", async () => {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    taken: fc.nat(2),
    put: fc.constantFrom("", ",", "[", "]", "{", "}", ":", '"', "\\", "1", " ", "],[", '},"a":{', "null", "é"),
  });
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(containers, change, LARGE, async (value, { at, taken, put }, large) => {
      const whole = write(value, "");
      // Often near a bracket or comma, where it matters.
      const marks = [...whole.matchAll(/[[\]{},:]/g)].map(({ index }) => index);
      const place = marks[Math.floor(at * marks.length)] ?? 0;
      const text = whole.slice(0, place) + put + whole.slice(place + taken);
      const [ours, truth] = await Promise.all([parse(text, { large }), (async () => JSON.parse(text))()].map(outcome));
      if (truth === undefined) refused++;
      // Single values need not be read.
      else if (typeof truth.value !== "object" || truth.value === null) return;
      expect(ours === undefined, text).toBe(truth === undefined);
      expect(inOrder(ours?.value)).toEqual(inOrder(truth?.value));
    }),
    { numRuns: 6000, seed: 5 },
  );
  expect(refused).toBeGreaterThan(1000);
});

function outcome(work: Promise<unknown>): Promise<{ value: unknown } | undefined> {
  return work.then(
    (value) => ({ value }),
    () => undefined,
  );
}

const long = JSON.stringify("y".repeat(70_000));

test.each([
  `[${long},]`,
  `[,${long}]`,
  `[${long},,1]`,
  `[[${long}],]`,
  `[[${long}] 1]`,
  `[1 [${long}]]`,
  `[${long}}`,
  `{${long}:1,}`,
  `{"a":[${long}],}`,
  `{"a":[${long}]"b":1}`,
  `{[${long}]}`,
  `{"a":1 "b":[${long}]}`,
  `{"a" "b":[${long}]}`,
  `[${long}]]`,
  `[${long}`,
  `[${long}] 1`,
  `${long}`,
])("refused: %.20s", async (text) => {
  await expect(parse(text)).rejects.toThrow(SyntaxError);
});

test.each([`{"t": {"b": 1, "2": ${long}, "b": 3}, "o": {}}`, `{"t": {"b": 1, "2": 0, "b": 3}, "o": ${long}}`])(
  "the object at one key as a Map: %.20s",
  async (text) => {
    const value = (await parse(text, { table: "t" })) as { t: Map<string, unknown>; o: unknown };
    expect([value.t instanceof Map, value.t.get("b"), value.o instanceof Map]).toEqual([true, 3, false]);
  },
);

test("texts up to their limit", async () => {
  const text = "z".repeat(JSON_TEXT_BYTES_MAXIMUM - 1);
  expect(await parse(JSON.stringify([text]))).toEqual([text]);
  await expect(parse(JSON.stringify([`${text}z`]))).rejects.toThrow(/text of more than/);
});

test.each([
  ["keys", `{"a":{${Array.from({ length: 100_000 }, (_, index) => `"key ${index}":0`).join()}}}`],
  ["objects", `[${Array.from({ length: 90_000 }, (_, index) => `{"k${index}":[0]}`).join()}]`],
  ["two bytes a letter", JSON.stringify(Array.from({ length: 2000 }, () => "é".repeat(4000)))],
  ["blanks", `[${" ".repeat(15_000_000)}1]`],
  ["depth", `${"[".repeat(60)}${"0,".repeat(900_000)}0${"]".repeat(60)}`],
])("megabytes of %s hold nobody up", async (_, text) => {
  const bytes = Buffer.from(text); // megabytes at once, which the test itself would be held up by
  const { result, longest } = await watchTurns(() => parse(bytes));
  expect(result).toEqual(JSON.parse(text));
  expect(longest).toBeLessThan(50);
});

test("a million keys as a Map hold nobody up", async () => {
  const text = `{"t":{${Array.from({ length: 1_000_000 }, (_, index) => `"key ${index}":"a"`).join()}}}`;
  const bytes = Buffer.from(text);
  const { result, longest } = await watchTurns(() => parse(bytes, { table: "t" }));
  expect((result as { t: Map<string, string> }).t.size).toBe(1_000_000);
  expect(longest).toBeLessThan(120);
});
