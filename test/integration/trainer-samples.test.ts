/** The trainer's samples, which pytest reads too: both sides accept, refuse and compute the same. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runConfig, trainerEvent } from "../../src/contract/domain/training.ts";

const folder = join(import.meta.dirname, "../../trainer/samples");
const readText = (name: string) => readFileSync(join(folder, name), "utf8");
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

interface ConfigSamples {
  valid: { name: string; document: unknown }[];
  invalid: { name: string; document: unknown; field: string }[];
}

const configs: ConfigSamples = JSON.parse(readText("configs.json"));

function wrongFields(document: unknown): string[] {
  const issues = runConfig.safeParse(document).error?.issues ?? [];
  return issues.flatMap((issue) => {
    const keys = issue.code === "unrecognized_keys" ? issue.keys : [];
    return keys.length > 0 ? keys.map((key) => [...issue.path, key].join(".")) : [issue.path.join(".")];
  });
}

describe("run configurations", () => {
  test.each(configs.valid)("accepted: $name", ({ document }) => {
    expect(wrongFields(document)).toEqual([]);
  });

  test.each(configs.invalid)("refused: $name", ({ document, field }) => {
    expect(wrongFields(document)).toContain(field);
  });
});

test("every line of the protocol is understood", () => {
  const lines = readText("events.jsonl").trim().split("\n");
  const types = lines.map((line) => trainerEvent.parse(JSON.parse(line)).type);
  expect(new Set(types)).toEqual(new Set(trainerEvent.options.map((option) => option.shape.type.value)));
});

interface SplitSamples {
  rows: number;
  labels: string[];
  cases: { validation: number; subset: number | null; subset_seed: number; noise: number; noise_seed: number }[];
  expected: { validation: string[]; training: string; count: number; flips: Record<string, string> }[];
}

function firstOf(purpose: string, seed: number, keys: string[], count: number): Set<string> {
  const place = (key: string) => sha256(`${purpose}|${seed}|${key}`);
  return new Set([...keys].sort((left, right) => (place(left) < place(right) ? -1 : 1)).slice(0, count));
}

test("held-out rows, subsets and flipped rows are those of the sample file", () => {
  const { rows, cases, expected }: SplitSamples = JSON.parse(readText("splits.json"));
  for (const [index, { validation, subset, subset_seed, noise, noise_seed }] of cases.entries()) {
    let keys = Array.from({ length: rows }, (_, row) => `row-${row}`);
    const held = firstOf("val", 0, keys, Math.round(validation * rows));
    expect(keys.filter((key) => held.has(key))).toEqual(expected[index]?.validation);
    keys = keys.filter((key) => !held.has(key));
    const taken = firstOf("sub", subset_seed, keys, subset ?? keys.length);
    keys = keys.filter((key) => taken.has(key));
    expect(sha256(keys.join("\n"))).toBe(expected[index]?.training);
    const noisy = firstOf("noise", noise_seed, keys, Math.round(noise * keys.length));
    expect([...noisy].sort()).toEqual(Object.keys(expected[index]?.flips ?? {}).sort());
  }
});

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(",")}}`;
}

test("JSON in one spelling hashes to what Python computes", () => {
  const { values, sha256: expected } = JSON.parse(readText("canonical.json"));
  expect(sha256(canonical(values))).toBe(expected);
});
