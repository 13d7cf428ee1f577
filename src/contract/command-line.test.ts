import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { analyzeCommand, exactNames, shellWord } from "./command-line.ts";

const hostile = ["plain", "two words", "it's", "$(id)", "`id`", 'a"b', "a\\b", "line\nbreak", "; rm -rf x", "*", ""];

test.each(hostile)("a shell reads the word %j back", (text) => {
  expect(execFileSync("sh", ["-c", `printf %s ${shellWord(text)}`], { encoding: "utf8" })).toBe(text);
});

test("names match themselves and nothing else", () => {
  const pattern = new RegExp(exactNames(["model.layers.1.mlp.up_proj", "odd(name)[0]+"]));
  expect(pattern.test("model.layers.1.mlp.up_proj")).toBe(true);
  expect(pattern.test("odd(name)[0]+")).toBe(true);
  expect(pattern.test("model.layers.10.mlp.up_proj")).toBe(false);
  expect(pattern.test("modelXlayers.1.mlp.up_proj")).toBe(false);
});

test("the whole line", () => {
  const line = analyzeCommand({
    base: "/models/base",
    tuned: [{ label: "lora r16", path: "/runs/lora-r16" }],
    settings: { k: 10, epsilon: 0.5, side: "left", exact: true },
    modules: ["model.layers.1.mlp.up_proj"],
  });
  expect(line).toBe(
    "deltascope analyze --base /models/base --tuned 'lora r16=/runs/lora-r16' --k 10 --epsilon 0.5 --side left --exact" +
      " --modules '^(?:model\\.layers\\.1\\.mlp\\.up_proj)$'",
  );
});

test("layers and kinds of what is on screen", () => {
  const question = { base: "/base", tuned: [], layers: { from: 2, to: 3 }, kinds: ["q_proj", "v_proj"] };
  expect(analyzeCommand(question)).toBe("deltascope analyze --base /base --layers 2-3 --modules '\\.(q_proj|v_proj)$'");
});
