/** Files of items against lm-evaluation-harness 0.4.13, item by item: long contexts, empty delimiters, windows, pages. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ChoiceTaskResult, TextTaskResult } from "../../src/contract/domain/evaluation.ts";
import { materialiseVariant } from "../../src/engine/edit/variant.ts";
import { openScorer } from "../../src/engine/evaluation/scorer.ts";
import { readTask } from "../../src/engine/evaluation/tasks/read-task.ts";
import { openVocabulary } from "../../src/engine/evaluation/tokenizer.ts";
import { editServices } from "../builders/edit-bench.ts";
import { scoreTask } from "../builders/score-task.ts";

interface TruthItem {
  requests?: { ll: number; greedy: boolean }[];
  ll?: number;
  words?: number;
  bytes?: number;
  acc?: number;
  acc_norm?: number;
  acc_bytes?: number;
}
interface Truth {
  model: string;
  adapter?: string;
  prefix: number;
  maxLength: number;
  metrics: Record<string, number>;
  items: TruthItem[];
}

const services = editServices();
const golden = join(import.meta.dirname, "../golden");
const runs = readdirSync(join(golden, "tasks/truth")).flatMap((run) =>
  readdirSync(join(golden, "tasks/truth", run)).map((file) => ({ run, task: file.replace(".json", "") })),
);

/** lm-evaluation-harness sums in float32; each of a choice's tokens differs by up to 2e-5, with the processor too. */
function expectNear(value: number, wanted: number, where: string): void {
  expect(Math.abs(value - wanted), where).toBeLessThan(3e-4 + 3e-7 * Math.abs(wanted));
}

/** Low-rank factors of the truth's adapter, as the product makes them, and the modules that they change. */
async function factorsOf({ model, adapter }: Truth) {
  if (adapter === undefined) return { factors: undefined, linears: [] };
  const variant = { base: join(golden, "scoring/models", model), tuned: join(golden, "scoring/adapters", adapter) };
  const { factors, merged } = await materialiseVariant(variant, services);
  expect(merged).toBeUndefined();
  const bytes = readFileSync(factors as string);
  const header: object = JSON.parse(bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE(0))));
  const modules = Object.keys(header).flatMap((name) => (name.endsWith(".A") ? [name.slice(0, -2)] : []));
  return { factors, linears: modules };
}

async function score(task: string, truth: Truth, packed: boolean) {
  const model = join(golden, "scoring/models", truth.model);
  const vocabulary = await openVocabulary(model);
  expect(vocabulary.prefix).toBe(truth.prefix);
  const { factors, linears } = await factorsOf(truth);
  const scorer = await openScorer({ model, linears, threads: 1, maxTokens: truth.maxLength, packed });
  try {
    const spec = { name: task, file: join(golden, "tasks/items", `${task}.jsonl`), role: "retain" as const };
    return await scoreTask(await readTask(spec, { seed: 0 }), vocabulary, scorer, truth.maxLength, factors);
  } finally {
    await scorer.close();
  }
}

function compareChoices(result: ChoiceTaskResult, items: TruthItem[]): void {
  for (const [index, item] of result.perItem.entries()) {
    const wanted = items[index] as TruthItem;
    const hits = [item.prediction, item.predictionNorm, item.predictionBytes].map((each) => Number(each === item.gold));
    expect(hits, `item ${index}`).toEqual([wanted.acc, wanted.acc_norm, wanted.acc_bytes]);
    expect(item.greedy, `item ${index}`).toEqual(wanted.requests?.map(({ greedy }) => greedy));
    for (const [choice, value] of item.loglikelihoods.entries())
      expectNear(value, wanted.requests?.[choice]?.ll as number, `item ${index}, choice ${choice}`);
  }
}

function compareTexts(result: TextTaskResult, items: TruthItem[]): void {
  for (const [index, item] of result.perItem.entries()) {
    const wanted = items[index] as TruthItem;
    expect([item.words, item.bytes], `item ${index}`).toEqual([wanted.words, wanted.bytes]);
    expectNear(item.loglikelihood, wanted.ll as number, `item ${index}`);
  }
}

describe.each(runs)("$run, $task", ({ run, task }) => {
  const truth: Truth = JSON.parse(readFileSync(join(golden, "tasks/truth", run, `${task}.json`), "utf8"));
  const ways = truth.model.includes("window") ? [false] : [false, true];
  test.each(ways)("packed %s", async (packed) => {
    const result = await score(task, truth, packed);
    expect(result.errors).toEqual([]);
    expect(result.items).toBe(truth.items.length);
    if ("metrics" in result) compareChoices(result, truth.items);
    else compareTexts(result, truth.items);
    const figures = new Map(Object.entries("metrics" in result ? result.metrics : result));
    const compared = Object.entries(truth.metrics).filter(([name]) => figures.has(name));
    expect(compared.length).toBeGreaterThan(2);
    for (const [name, wanted] of compared)
      expect(Math.abs(Number(figures.get(name)) - wanted), name).toBeLessThan(1e-6 * Math.max(1, Math.abs(wanted)));
  });
});
