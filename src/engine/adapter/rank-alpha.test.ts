import { expect, test } from "vitest";
import { cpuMilliseconds } from "../../../test/builders/cpu-time.ts";
import { finish } from "../../../test/builders/finish.ts";
import { headerAdapter } from "../../../test/builders/headers.ts";
import { readLoraConfig } from "./config.ts";
import { makeRankAndAlpha } from "./rank-alpha.ts";

function rankOf(pattern: Record<string, number> | string, name: string): number {
  const text = typeof pattern === "string" ? pattern : JSON.stringify(pattern);
  const adapter = headerAdapter(`{"peft_type": "LORA", "r": 8, "lora_alpha": 16, "rank_pattern": ${text}}`, {});
  return finish(makeRankAndAlpha(finish(readLoraConfig(adapter))))(name).rank;
}

const q = (layer: number) => `model.layers.${layer}.self_attn.q_proj`;

/** Which of several patterns wins, and what the rank and alpha are then. */
test.each([
  ["q_proj", q(3), true],
  ["proj", q(3), false],
  ["self_attn.q_proj", q(3), true],
  ["self_attnxq_proj", q(3), false],
  ["self.attn.q_proj", q(3), true],
  ["layers.1", q(1), false],
  ["layers.1.*", q(1), true],
  ["layers.1.*", q(10), true],
  ["layers.1.*", q(19), true],
  ["layers.1.*", q(2), false],
  ["^model.layers.0.self_attn.v_proj", "model.layers.0.self_attn.v_proj", true],
  ["^model.layers.0.self_attn.v_proj", "model.language_model.layers.0.self_attn.v_proj", false],
  ["model.layers.0.self_attn.v_proj", "model.layers.0.self_attn.v_proj", true],
  ["gate_proj|up_proj", "model.layers.0.mlp.up_proj", true],
  ["gate_proj|up_proj", "model.layers.0.mlp.down_proj", false],
  [".*\\.gate_up_proj", "model.layers.0.mlp.experts.gate_up_proj", true],
  ["(?P<kind>q|k)_proj", q(0), true],
])("%s on %s: %s", (pattern, name, matches) => {
  expect(rankOf({ [pattern]: 3 }, name)).toBe(matches ? 3 : 8);
});

test("the first pattern of the file wins, also where JavaScript would put another one first", () => {
  expect(rankOf('{"layers.1.*": 6, "q_proj": 2}', q(1))).toBe(6);
  expect(rankOf('{"q_proj": 2, "layers.1.*": 6}', q(1))).toBe(2);
  expect(rankOf('{".*merger.*": 4, "2": 9}', "visual.merger.mlp.2")).toBe(4);
});

test("scale is alpha / r, or alpha / √r with rsLoRA; alpha may be zero or fractional", () => {
  const scaleOf = (config: Record<string, unknown>) =>
    finish(makeRankAndAlpha(finish(readLoraConfig(headerAdapter(config, {})))))(q(0)).scale;
  expect(scaleOf({ r: 4, lora_alpha: 6 })).toBe(1.5);
  expect(scaleOf({ r: 4, lora_alpha: 6, use_rslora: true })).toBe(3);
  expect(scaleOf({ r: 4, lora_alpha: 0.5 })).toBe(0.125);
  expect(scaleOf({ r: 4, lora_alpha: 0 })).toBe(0);
  expect(
    scaleOf({ r: 4, lora_alpha: 8, rank_pattern: { q_proj: 16 }, alpha_pattern: { q_proj: 4 }, use_rslora: true }),
  ).toBe(1);
});

test("a pattern with look-around is refused, because the tensors do not tell alpha", () => {
  expect(() => rankOf({ "(?<!v)_proj": 3 }, q(0))).toThrow(/rank_pattern.*look-around/u);
});

test("plain names and expressions share one order", () => {
  expect(rankOf('{".*q_proj": 5, "q_proj": 2}', q(1))).toBe(5);
  expect(rankOf('{"self_attn.q_proj": 3, ".*q_proj": 5, "q_proj": 2}', q(1))).toBe(3);
  expect(rankOf('{"v_proj": 3, "(q)_proj": 5, "q_proj": 2}', q(1))).toBe(5);
});

test("more expressions than anybody writes are refused", () => {
  const patterns = Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`(q|${i})_proj`, 4]));
  expect(() => rankOf(patterns, q(0))).toThrow(/has 257 patterns/u);
});

test("ten thousand names against ten thousand plain patterns take seconds at most", () => {
  const patterns = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, i) => [`model.layers.${i}.self_attn.q_proj`, 4]),
  );
  const adapter = headerAdapter({ rank_pattern: patterns }, {});
  const lookUp = finish(makeRankAndAlpha(finish(readLoraConfig(adapter))));
  const started = cpuMilliseconds();
  for (let i = 0; i < 10_000; i++) lookUp(`model.layers.${i}.mlp.down_proj`);
  expect(cpuMilliseconds() - started).toBeLessThan(20_000);
});

test("plain patterns give what Python's expression gives, for every pair of small names and patterns", () => {
  const words = ["a", "b", "ab", "a.b", "b.a", "a.a.b", "aab", ".b", "a.", "..b", "b.ab", "a..", "abb"];
  for (const pattern of words) {
    for (const name of words.filter((word) => !word.startsWith(".") && !word.endsWith("."))) {
      const expected = new RegExp(`^(.*\\.)?(${pattern})$`, "u").test(name);
      expect([pattern, name, rankOf({ [pattern]: 3 }, name) === 3]).toEqual([pattern, name, expected]);
    }
  }
});
