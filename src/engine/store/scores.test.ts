import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { fc } from "../../../test/builders/properties.ts";
import { makeAlert } from "../../contract/alerts.ts";
import type { AuditSpec } from "../../contract/domain/audit.ts";
import { evaluationSettings } from "../../contract/domain/evaluation.ts";
import { openStore } from "./open-store.ts";
import type { EvaluationRecord, ScoreRow } from "./scores.ts";
import type { Store } from "./types.ts";

let file: string;
let store: Store;
beforeEach(async () => {
  file = path.join(temporaryFolder("scores"), "store.duckdb");
  store = await openStore(file);
});
afterEach(() => store.close());

async function reopen(): Promise<void> {
  await store.close();
  store = await openStore(file);
}

const score = (item: number, loglikelihoods: number[]): ScoreRow => ({
  item,
  loglikelihoods,
  greedy: loglikelihoods.map((value) => value > -1),
  tokens: loglikelihoods.length,
});

const evaluation: EvaluationRecord = {
  id: "e",
  variantFingerprint: "v",
  filesFingerprint: "w",
  taskFingerprint: "t",
  settings: { maxLength: 64, prefixToken: 0, vocabRows: 192, tokenizer: "k", vocab: "model", chatTemplate: false },
  label: "lora",
  variant: { base: "/base", tuned: "/lora" },
  task: { name: "old", file: "/old.jsonl", role: "retain" },
  askedAt: "2026-01-01T00:00:00.000Z",
  alerts: [makeAlert("task.items-truncated", "old: 2 of 9 items are longer than 64 tokens.", "/old.jsonl")],
};

test("log-likelihoods come back bit for bit, whatever their number, in the order of the items", async () => {
  const row = fc.record({
    item: fc.nat({ max: 40 }),
    loglikelihoods: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 5 }),
    tokens: fc.nat(),
  });
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(row, { selector: ({ item }) => item, maxLength: 80 }), async (rows) => {
      const id = `evaluation ${count++}`;
      const full = rows.map((each) => ({ ...each, greedy: each.loglikelihoods.map((value) => value > 0) }));
      await Promise.all(full.map((each) => store.putScores(id, [each])));
      expect(await store.scores(id)).toStrictEqual(full.sort((one, other) => one.item - other.item));
    }),
    { numRuns: 30 },
  );
});

test("an item is answered once: the last answer stays, other questions keep theirs", async () => {
  await store.putScores("e", [score(3, [-1, -2]), score(1, [-0.5])]);
  await store.putScores("f", [score(3, [-9])]);
  await store.putScores("e", [score(3, [-4, -5]), score(3, [-6, -7])]);
  expect((await store.scores("e")).map(({ item, loglikelihoods }) => [item, loglikelihoods])).toEqual([
    [1, [-0.5]],
    [3, [-6, -7]],
  ]);
  expect(await store.scores("f")).toHaveLength(1);
  expect(await store.scores("g")).toEqual([]);
});

test("void answers are taken back, those of the same item elsewhere are not", async () => {
  await store.putScores("e", [score(0, [-1]), score(1, [-1]), score(2, [-1])]);
  await store.putScores("f", [score(1, [-1])]);
  await store.removeScores("e", [0, 1]);
  expect((await store.scores("e")).map(({ item }) => item)).toEqual([2]);
  expect(await store.scores("f")).toHaveLength(1);
});

test("a value that is no number is refused, and what stood in the same call with it too", async () => {
  await expect(store.putScores("e", [score(0, [-1]), score(1, [Number.NaN])])).rejects.toMatchObject({
    code: "internal",
  });
  expect(await store.scores("e")).toEqual([]);
});

test("questions are listed with their answers, newest first, and survive a new start", async () => {
  await store.putEvaluation(evaluation);
  await store.putEvaluation({ ...evaluation, id: "f", askedAt: "2026-01-02T00:00:00.000Z" });
  await store.putEvaluation({ ...evaluation, label: "lora again", askedAt: "2026-01-03T00:00:00.000Z" });
  await store.putScores("e", [score(0, [-1]), score(1, [-1])]);
  await reopen();
  const summaries = await store.evaluations();
  expect(summaries.map(({ id, label, answered }) => [id, label, answered])).toEqual([
    ["e", "lora again", 2],
    ["f", "lora", 0],
  ]);
  expect(summaries[1]).toEqual({ ...evaluation, id: "f", askedAt: "2026-01-02T00:00:00.000Z", answered: 0 });
});

const spec: AuditSpec = {
  base: "/base",
  tuned: [{ label: "lora", path: "/lora" }],
  tasks: [evaluation.task],
  settings: evaluationSettings.parse({}),
  ...{ lambdas: [1, 0.5], arms: ["scale"], which: "all", k: 10, epsilon: 0.5, sequence: false },
};

test("an audit that a dead process left running is interrupted, once; the others stay as they ended", async () => {
  await store.putAudit({ id: "a", spec, askedAt: "2026-01-01T00:00:00.000Z", state: "running" });
  await store.putAudit({ id: "b", spec, askedAt: "2026-01-02T00:00:00.000Z", state: "running" });
  await store.putAudit({ id: "c", spec, askedAt: "2026-01-03T00:00:00.000Z", state: "running" });
  await store.putAudit({ id: "c", spec, askedAt: "2026-01-03T00:00:00.000Z", state: "finished" });
  await reopen();
  expect(store.interruptedAudits).toEqual(["b", "a"]);
  expect((await store.audits()).map(({ id, state }) => `${id} ${state}`)).toEqual([
    "c finished",
    "b interrupted",
    "a interrupted",
  ]);
  expect((await store.audits())[0]?.spec).toEqual(spec);
  await reopen();
  expect(store.interruptedAudits).toEqual([]);
});
