import { expect, test } from "vitest";
import { cpuMilliseconds } from "../../../test/builders/cpu-time.ts";
import { compilePattern, whyNotCompiled, withBudget } from "./pattern.ts";

test.each([
  ["model\\.layers\\.\\d+\\.self_attn\\.q_proj", "model.layers.12.self_attn.q_proj", true],
  ["q_proj", "model.layers.0.self_attn.q_proj", false],
  [".*q_proj", "model.layers.0.self_attn.q_proj", true],
  [".*(?P<side>q|v)_proj", "model.layers.0.self_attn.v_proj", true],
  ["(?i).*Q_PROJ", "model.layers.0.self_attn.q_proj", true],
  [".*q_proj\\Z", "model.layers.0.self_attn.q_proj", true],
  [".*q_proj", `model.${"x".repeat(512)}.q_proj`, false],
  [".*q_proj", `model.${"é".repeat(255)}.q_proj`, false],
])("%s on a name: %s → %s", (source, name, expected) => {
  expect(compilePattern(source)?.matchesWhole(name)).toBe(expected);
});

test.each([
  ["look-ahead", "model\\.(?!visual).*"],
  ["look-behind", "(?<=layers\\.0).*"],
  ["back-reference", "(\\d)\\1"],
  ["named back-reference", "(?P<n>a)(?P=n)"],
  ["atomic group", "(?>a*)b"],
  ["Python's {,n}", "a{,3}"],
  ["RE2's own class", "\\pL+"],
  ["RE2's own literal span", "\\Qa.b\\E"],
  ["unbalanced", "(a"],
  ["too long", "a".repeat(65_537)],
  ["too large when unrolled", "((a{1,100}){1,100}){1,100}"],
])("%s does not compile", (_, source) => {
  expect(compilePattern(source)).toBeUndefined();
});

test.each([
  ["(?<!k)q_proj", /needs look-around/],
  ["(q|v)_proj\\1", /needs look-around or back-references/],
  ["(a", /is no valid regular expression/],
  ["a".repeat(65_537), /is longer than 65536 characters/],
  ["(?i)(?P<n>a{,3})", /uses syntax that is not evaluated/],
])("why %.20s does not compile is told", (source, reason) => {
  expect(whyNotCompiled(source)).toMatch(reason);
});

test("a pattern that makes a backtracking engine run for hours answers at once", () => {
  const started = cpuMilliseconds();
  expect(compilePattern("(a*)*(a|aa)+b")?.matchesWhole("a".repeat(500))).toBe(false);
  expect(cpuMilliseconds() - started).toBeLessThan(2000);
});

test("re.match starts at the start and may end anywhere", () => {
  expect(compilePattern("model\\.layers")?.matchesStart("model.layers.0")).toBe(true);
  expect(compilePattern("layers")?.matchesStart("model.layers.0")).toBe(false);
  expect(compilePattern("(?:^|.*?\\.)layers\\.(?P<idx>\\d+)\\.")?.indexAtStart("model.layers.7.mlp")).toBe("7");
});

test.each([
  ["\\w*", "é"],
  ["\\d+", "٣"],
  ["\\B", ""],
  ["(?i)k", "\u212a"],
  ["a\\s", "a\x1c"],
  ["a$", "a\n"],
])("%s on %j would mean something else in Python, and is refused", (source, name) => {
  expect(() => compilePattern(source)?.matchesStart(name)).toThrowError(/as Python does/u);
});

test("other letters of a name are matched", () => {
  expect(compilePattern("m.del")?.matchesWhole("mödel")).toBe(true);
});

test("a pattern that used up its time is refused, whatever it would match", () => {
  let clock = 0;
  const timed = withBudget("(a?){1000}b", 10, () => clock);
  const slow = () => {
    clock += 6;
    return true;
  };
  expect(timed(slow)).toBe(true);
  expect(timed(slow)).toBe(true);
  expect(() => timed(slow)).toThrowError(/takes more than 0.01 s/u);
});
