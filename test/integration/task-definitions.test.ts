/** Ready-made tasks against lm-evaluation-harness 0.4.13: prompts, token ids, log-likelihoods and figures. */
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestsOf } from "../../src/engine/evaluation/requests.ts";
import { encodePair, pairRequest } from "../../src/engine/evaluation/rules.ts";
import { openScorer, type Scorer } from "../../src/engine/evaluation/scorer.ts";
import { definitions } from "../../src/engine/evaluation/tasks/definitions/registry.ts";
import { readTask } from "../../src/engine/evaluation/tasks/read-task.ts";
import { openVocabulary, type Vocabulary } from "../../src/engine/evaluation/tokenizer.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { scoreTask } from "../builders/score-task.ts";

interface TruthRequest {
  context: string;
  continuation: string;
  contextIds: number[];
  continuationIds: number[];
  ll: number;
  greedy: boolean;
}
interface TruthItem {
  requests?: TruthRequest[];
  ll?: number;
  words?: number;
  bytes?: number;
  text?: string;
  acc?: number;
  acc_norm?: number;
  acc_bytes?: number;
}
interface TruthTask {
  prefix: number;
  maxLength: number;
  metrics: Record<string, number>;
  items: TruthItem[];
  windows?: [number[], number[]][];
}

const golden = join(import.meta.dirname, "../golden");
const model = join(golden, "scoring/models/q2-tied-bf16");
const truthOf = (file: string): Record<string, TruthTask> =>
  JSON.parse(readFileSync(join(golden, "tasks", file), "utf8")).tasks;
const truth = truthOf("definitions.json");
const names = Object.keys(truth);
const read = (name: string, ending: string) =>
  readTask(
    { name, definition: name, file: join(golden, "tasks/rows", `${name}.${ending}`), role: "retain" },
    { seed: 0 },
  );

let vocabulary: Vocabulary;
let scorer: Scorer;
beforeAll(async () => {
  vocabulary = await openVocabulary(model);
  scorer = await openScorer({ model, linears: [], threads: 1, maxTokens: 256 });
});
afterAll(() => scorer?.close());

/** lm-eval's own ids, cut as its model does. */
function wantedRequests(task: TruthTask) {
  const windows = (task.windows ?? []).map(([context, targets]) => ({
    input: [...context, ...targets].slice(0, -1),
    targets,
  }));
  const pairs = task.items.flatMap(({ requests = [] }) =>
    requests.map(({ contextIds, continuationIds }) =>
      pairRequest({ context: contextIds, continuation: continuationIds, changed: false }, task.maxLength),
    ),
  );
  return [...windows, ...pairs];
}

test("every kind of ready-made task has a truth", () => {
  const untested = definitions.map(({ key }) => key).filter((key) => !names.includes(key));
  expect(untested.every((key) => key.startsWith("mmlu"))).toBe(true);
});

test.each(names)("%s: the same requests, token by token, from Parquet and from JSON lines", async (name) => {
  const wanted = truth[name] as TruthTask;
  const task = await read(name, "parquet");
  expect(task.errors).toEqual([]);
  const { requests, errors } = await requestsOf(task, vocabulary, { maxLength: wanted.maxLength, chatTemplate: false });
  expect(errors).toEqual([]);
  expect(requests).toEqual(wantedRequests(wanted));
  expect(vocabulary.prefix).toBe(wanted.prefix);
  const { items, fingerprint } = await read(name, "jsonl");
  expect(items).toEqual(task.items);
  expect(fingerprint).toBe(task.fingerprint);
});

test.each(names)("%s: the same log-likelihoods and figures", async (name) => {
  const { items, metrics } = truth[name] as TruthTask;
  const result = await scoreTask(await read(name, "parquet"), vocabulary, scorer);
  const got = result.perItem.flatMap((item) => ("loglikelihoods" in item ? item.loglikelihoods : [item.loglikelihood]));
  const wanted = items.flatMap(({ requests, ll }) => requests?.map((each) => each.ll) ?? [ll as number]);
  expect(got).toHaveLength(wanted.length);
  for (const [index, value] of got.entries()) expectNear(value, wanted[index] as number);
  const figures = "metrics" in result ? result.metrics : result;
  // With an ending, lm-evaluation-harness would divide by the length of the contexts; it reports only acc itself.
  const compared = name === "winogrande" ? ["acc", "acc_stderr"] : Object.keys(metrics).filter((key) => key in figures);
  expect(compared.length).toBeGreaterThan(1);
  for (const key of compared) expectFigure(Number(figures[key as keyof typeof figures]), metrics[key] as number, key);
});

test.each(["chatml", "trimmed"])("chat template %s: the same requests, token by token", async (template) => {
  const folder = join(temporaryFolder(), "model");
  mkdirSync(folder);
  for (const file of ["config.json", "tokenizer.json", "tokenizer_config.json"])
    cpSync(join(model, file), join(folder, file));
  cpSync(join(golden, "tasks/chat", `${template}.jinja`), join(folder, "chat_template.jinja"));
  const chatting = await openVocabulary(folder);
  const wanted = truthOf(`chat/${template}.json`);
  for (const [name, task] of Object.entries(wanted)) {
    const settings = { maxLength: task.maxLength, chatTemplate: true };
    const { requests } = await requestsOf(await read(name, "jsonl"), chatting, settings);
    expect(requests, name).toEqual(wantedRequests(task));
  }
  expect(chatting.fingerprint).not.toBe(vocabulary.fingerprint);
});

test("an invented row differs from the truth when a rule is broken", () => {
  const [{ requests = [] }] = (truth.hellaswag as TruthTask).items as [TruthItem];
  const { context, continuation, continuationIds } = requests[0] as TruthRequest;
  expect(encodePair(vocabulary, context, continuation).continuation).toEqual(continuationIds);
  expect(encodePair(vocabulary, context, continuation.trimStart()).continuation).not.toEqual(continuationIds);
});

test("rows are kept small", () => {
  expect(readdirSync(join(golden, "tasks/rows"))).toHaveLength(2 * names.length);
});

/** lm-evaluation-harness sums in float32. */
function expectNear(value: number, wanted: number): void {
  expect(Math.abs(value - wanted)).toBeLessThan(1e-4 + 3e-7 * Math.abs(wanted));
}

function expectFigure(value: number, wanted: number, name: string): void {
  expect(Math.abs(value - wanted), name).toBeLessThan(1e-6 * Math.max(1, Math.abs(wanted)));
}
