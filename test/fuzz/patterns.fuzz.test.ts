/**
 * Patterns of configurations against Python's own `re`, where there is a Python: whatever compiles here means there
 * exactly the same on every name.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DeltaScopeError } from "../../src/contract/errors.ts";
import { compilePattern } from "../../src/engine/adapter/pattern.ts";
import { seed as campaignSeed, seconds } from "./campaign.ts";

const BATCH = 400;

const atom = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "b", "q_proj", "0", "1", "7", "A", "_", "-", "é", "layers") },
  fc.constantFrom(".", "\\.", "\\d", "\\w", "\\W", "\\s", "\\S", "\\D", "\\b", "\\B", "^", "$", "\\A", "\\Z"),
  fc.constantFrom(
    "[ab]",
    "[^a]",
    "[a-c]",
    "[\\d_]",
    "[0-9]",
    "[]a]",
    "[^]a]",
    "[a-]",
    "[.]",
    "[\\]]",
    "[[a]",
    "[a||b]",
    "[a&&b]",
  ),
  fc.constantFrom(
    "\\x61",
    "\\141",
    "\\n",
    "\\t",
    "\\-",
    "\\_",
    "\\/",
    "\\a",
    "\\0",
    "\\u0061",
    "\\N{DIGIT ONE}",
    "\\p",
    "\\h",
    "\\z",
  ),
  fc.constantFrom(
    "(?i)",
    "(?s)",
    "(?x)",
    "(?m)",
    "(?a)",
    "(?u)",
    "(?L)",
    "(?i:",
    "(?-i:",
    "(?#c)",
    "(?:)",
    "()",
    "(?P<n>",
    "(?<n>",
    "#",
    " ",
  ),
);
const repeat = fc.constantFrom(
  "",
  "",
  "",
  "*",
  "+",
  "?",
  "*?",
  "+?",
  "??",
  "*+",
  "{2}",
  "{1,}",
  "{,2}",
  "{1,2}",
  "{",
  "{a}",
  "{1,2}?",
  "{2}+",
  "**",
);
const { pattern } = fc.letrec<{ pattern: string; group: string }>((tie) => ({
  pattern: fc
    .array(fc.tuple(fc.oneof({ maxDepth: 3 }, atom, atom, tie("group")), repeat), { minLength: 1, maxLength: 5 })
    .map((parts) => parts.map((part) => part.join("")).join("")),
  group: fc
    .tuple(fc.constantFrom("(", "(?:", "(?i:"), tie("pattern"), tie("pattern"), fc.constantFrom("|", "", "||"))
    .map(([open, one, other, between]) => `${open}${one}${between}${between === "" ? "" : other})`),
}));
const name = fc.oneof(
  fc
    .array(fc.constantFrom("a", "b", "ab", "q_proj", "layers", "0", "17", "A", "é", "K", "ſ", "-", "", "\n", " "), {
      maxLength: 5,
    })
    .map((parts) => parts.join(".")),
  fc.string({ unit: fc.constantFrom("a", "b", "A", "0", "1", ".", "_", "-", "\n", "é", "É", "٣", " "), maxLength: 8 }),
);

/** As they are, and as `layers_pattern` uses them. */
const source = fc.oneof(
  { weight: 3, arbitrary: pattern },
  pattern.map((each) => `(?:^|.*?\\.)${each}\\.(?P<idx>\\d+)\\.`),
);

const PYTHON = `
import json, re, sys, warnings
warnings.simplefilter("ignore")
out = []
for pattern, names in json.load(sys.stdin):
    try:
        compiled = re.compile(pattern)
    except Exception:
        out.append(None)
        continue
    rows = []
    for name in names:
        start = compiled.match(name)
        index = start.group("idx") if start and "idx" in compiled.groupindex else None
        rows.append([compiled.fullmatch(name) is not None, start is not None, index])
    out.append(rows)
json.dump(out, sys.stdout)
`;

type Case = [pattern: string, names: string[]];
type Row = [whole: boolean, start: boolean, index: string | null];

function askPython(cases: readonly Case[]): (Row[] | null)[] {
  const input = JSON.stringify(cases);
  const { stdout, status, stderr } = spawnSync("python3", ["-c", PYTHON], {
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

/** What is different in Python; nothing for a pattern that is not read, nor for one that nobody could have trained with. */
function differences([source, names]: Case, truth: Row[] | null): string[] {
  const ours = compilePattern(source);
  if (ours === undefined || truth === null) return [];
  return names.flatMap((each, place) => {
    if (isRefused(() => ours.matchesWhole(each))) return [];
    const [whole, start, index] = truth[place] as Row;
    const said: Row = [
      ours.matchesWhole(each),
      ours.matchesStart(each),
      index === null ? null : (ours.indexAtStart(each) ?? null),
    ];
    const isSame = said.every((one, column) => one === [whole, start, index][column]);
    return isSame
      ? []
      : [`${JSON.stringify(source)} on ${JSON.stringify(each)}: ${said}, in Python ${[whole, start, index]}`];
  });
}

function isRefused(match: () => boolean): boolean {
  try {
    match();
    return false;
  } catch (thrown) {
    return thrown instanceof DeltaScopeError && thrown.code === "adapter.config-invalid";
  }
}

const hasPython = spawnSync("python3", ["--version"]).status === 0;

test.skipIf(!hasPython)(
  "patterns mean what they mean in Python",
  () => {
    const until = performance.now() + seconds * 1000;
    let executions = 0;
    let read = 0;
    for (let batch = 0; batch < 5 || performance.now() < until; batch++) {
      const seed = seconds === 0 ? batch : (campaignSeed + batch) % 2 ** 31;
      const cases: Case[] = fc.sample(fc.tuple(source, fc.array(name, { minLength: 6, maxLength: 6 })), {
        numRuns: BATCH,
        seed,
      });
      const truths = askPython(cases);
      expect(cases.flatMap((each, place) => differences(each, truths[place] ?? null))).toEqual([]);
      executions += cases.length * 6;
      read += cases.filter(([source]) => compilePattern(source) !== undefined).length;
    }
    expect(read).toBeGreaterThan(300);
    if (seconds > 0) console.log(`patterns against Python: ${executions} matches`);
  },
  (seconds + 60) * 1000,
);
