/** The demo's tasks, scored by the product, give the accuracies that torch measured when the demo was made. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ChoiceTaskResult } from "../../src/contract/domain/evaluation.ts";
import { requestsOf } from "../../src/engine/evaluation/requests.ts";
import type { Scorer } from "../../src/engine/evaluation/scorer.ts";
import { openScorer } from "../../src/engine/evaluation/scorer.ts";
import { readTask } from "../../src/engine/evaluation/tasks/read-task.ts";
import { openVocabulary, type Vocabulary } from "../../src/engine/evaluation/tokenizer.ts";
import { scoreTask } from "../builders/score-task.ts";

const demo = join(import.meta.dirname, "../../demo");
const results = JSON.parse(readFileSync(join(demo, "results.json"), "utf8"));
const measured = {
  base: { ...results.base, compare: results.base.new },
  fft: results.runs.find((run: { name: string; seed: number }) => run.name === "fft" && run.seed === 1),
};
measured.fft.compare = measured.fft.new;

const tasks = ["facts", "arithmetic", "grammar", "kinds", "compare"];

async function read(name: string) {
  return readTask({ name, file: join(demo, "tasks", `${name}.jsonl`), role: "retain" }, { seed: 0 });
}

// Both are whole checkpoints; the adapters are scored through the same rules.
for (const name of ["base", "fft"] as const) {
  let scorer: Scorer;
  let vocabulary: Vocabulary;
  beforeAll(async () => {
    vocabulary = await openVocabulary(join(demo, name));
    scorer = await openScorer({ model: join(demo, name), linears: [], threads: 1, maxTokens: 512 });
  });
  afterAll(() => scorer?.close());
  test.each(tasks)(`${name}: %s`, async (task) => {
    const result = await scoreTask(await read(task), vocabulary, scorer);
    // Other processors move log-probabilities by 1e-5: one item may tip over.
    const { metrics, items } = result as ChoiceTaskResult;
    expect(Math.abs(metrics.acc - measured[name][task]) * items).toBeLessThan(1.5);
    expect(result.errors).toEqual([]);
  });
}

test("no task loses the end of its prompts; without `keepSpace` the new one would", async () => {
  const vocabulary = await openVocabulary(join(demo, "base"));
  const settings = { maxLength: 512, chatTemplate: false };
  for (const name of tasks) expect((await requestsOf(await read(name), vocabulary, settings)).alerts).toEqual([]);
  const compare = await read("compare");
  if (compare.kind !== "choice") throw new Error("compare has choices");
  const plain = compare.items.map(({ keepSpace: _, ...item }) => item);
  const { alerts } = await requestsOf({ ...compare, items: plain }, vocabulary, settings);
  expect(alerts).toMatchObject([{ code: "task.prompt-changed", message: expect.stringContaining("150 of 150") }]);
});
