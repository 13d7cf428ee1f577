import { expect, test } from "vitest";
import type { ChoiceItem, TextItem } from "../../contract/domain/evaluation.ts";
import { requestsOf } from "./requests.ts";
import { resultOf, taskResult } from "./results.ts";
import type { Task } from "./tasks/task.ts";
import type { Vocabulary } from "./tokenizer.ts";

/** One token a letter. */
const vocabulary: Vocabulary = {
  encode: (text) => [...text].map((letter) => letter.codePointAt(0) as number),
  prefix: 0,
  prefixText: "",
  size: 256,
  fingerprint: "",
  chat: (context, description = "") => `[${description}](${context})\n`,
  alerts: [],
};
const settings = { maxLength: 20, chatTemplate: false };
const common = {
  fingerprint: "",
  alerts: [],
  errors: [],
  spec: { name: "mine", file: "mine.jsonl", role: "retain" as const },
};

function choices(...items: ChoiceItem[]): Task {
  return { ...common, kind: "choice", metric: "acc", items, indices: items.map((_, index) => 10 + index) };
}

function texts(...items: TextItem[]): Task {
  return { ...common, kind: "text", metric: "bits_per_byte", items, indices: items.map((_, index) => 10 + index) };
}

/** Requests as texts: what the model sees, and what is scored. */
async function readable(task: Task, chatTemplate = false) {
  const { requests } = await requestsOf(task, vocabulary, { maxLength: 100, chatTemplate });
  const text = (ids: number[]) => String.fromCodePoint(...ids);
  return requests.map(({ input, targets }) => [text([...input, targets.at(-1) as number]), text(targets)]);
}

test("description, context, delimiter and choice stand in this order", async () => {
  const item = { context: "C", choices: ["a", "b"], gold: 0 };
  expect(await readable(choices(item))).toEqual([
    ["C a", " a"],
    ["C b", " b"],
  ]);
  expect(await readable(choices({ ...item, description: "D ", delimiter: "" }))).toEqual([
    ["D Ca", "a"],
    ["D Cb", "b"],
  ]);
});

test("an ending is scored after each choice", async () => {
  const item = { context: "the ", choices: ["cat", "dog"], ending: "ran", gold: 0 };
  expect(await readable(choices(item))).toEqual([
    ["the cat ran", " ran"],
    ["the dog ran", " ran"],
  ]);
});

test("in a chat template the answer has no delimiter, and the break before it is scored", async () => {
  const item = { context: "C", choices: ["a"], gold: 0, description: "D", delimiter: " - " };
  expect(await readable(choices(item), true)).toEqual([["[D](C)\na", "\na"]]);
  expect(await readable(choices({ ...item, keepSpace: true }), true)).toEqual([["[D](C)\na", "a"]]);
});

test("an item that cannot be scored is told by its place, and the others keep theirs", async () => {
  const good = { context: "x", choices: ["a", "b"], gold: 1 };
  const task = choices({ ...good, context: " " }, good, { ...good, choices: ["a", "b".repeat(30)] }, good);
  const { owner, errors, requests, alerts } = await requestsOf(task, vocabulary, settings);
  expect(owner).toEqual([1, 1, 3, 3]);
  expect(requests).toHaveLength(4);
  expect(alerts).toMatchObject([
    {
      code: "task.items-failed",
      message: expect.stringContaining(`of ${task.items.length} items cannot be scored; the first:`),
    },
  ]);
  expect(errors).toMatchObject([
    {
      index: 10,
      error: {
        code: "task.invalid",
        message: expect.stringMatching(/mine\.jsonl, item 11: choice 1 "a".*white space/),
      },
    },
    {
      index: 12,
      error: { message: expect.stringMatching(/item 13: choice 2.*31 tokens do not fit the window of 20/) },
    },
  ]);
});

test("contexts that lose their beginning are counted", async () => {
  const item = { context: "x".repeat(18), choices: ["a", "bc"], gold: 0 };
  const { alerts, requests } = await requestsOf(
    choices(item, { ...item, context: "x".repeat(19) }),
    vocabulary,
    settings,
  );
  expect(alerts).toMatchObject([{ code: "task.items-truncated", message: expect.stringMatching(/1 of 2 items/) }]);
  for (const { input } of requests) expect(input.length).toBeLessThanOrEqual(20);
});

test("a stopped preparation throws", async () => {
  const slow = {
    ...vocabulary,
    encode: (text: string) => {
      const until = performance.now() + 25;
      while (performance.now() < until);
      return vocabulary.encode(text);
    },
  };
  const item = { context: "x", choices: ["a"], gold: 0 };
  const stopped = AbortSignal.abort();
  await expect(requestsOf(choices(item, item), slow, settings, stopped)).rejects.toThrow(/abort/i);
});

test("results carry the file's places, sorted, and counts of their own where given", () => {
  const task = texts({ text: "a  b", words: 7 }, { text: "é" });
  const answers = [
    { loglikelihood: -3, greedy: false },
    { loglikelihood: -1, greedy: true },
  ];
  const results = [resultOf(task, 1, answers, 5), resultOf(task, 0, [], 0)];
  expect(results[0]).toEqual({ index: 11, loglikelihood: -4, words: 1, bytes: 2, tokens: 5 });
  expect(taskResult(task, results)).toMatchObject({
    items: 2,
    tokens: 5,
    perItem: [{ index: 10, words: 7, bytes: 4 }, { index: 11 }],
    bits_per_byte: 4 / 6 / Math.LN2,
  });
});

test("accuracies count right choices; a single item has no standard error; none is an error", () => {
  const task = choices({ context: "c", choices: ["a", "bbbb"], gold: 1 });
  const result = resultOf(task, 0, [
    { loglikelihood: -2, greedy: true },
    { loglikelihood: -4, greedy: false },
  ]);
  expect(result).toMatchObject({ prediction: 0, predictionNorm: 1, predictionBytes: 1, greedy: [true, false] });
  expect(taskResult(task, [result])).toMatchObject({
    metrics: { acc: 0, acc_norm: 1, acc_bytes: 1, acc_stderr: null, acc_norm_stderr: null },
  });
  expect(() => taskResult(task, [])).toThrow(/no item of mine was scored/);
});

test("with an ending, the lengths of the choices decide nothing", () => {
  const task = choices({ context: "c", choices: ["a", "bbbb"], ending: "xyz", gold: 0 });
  const scored = [-2, -4].map((loglikelihood) => ({ loglikelihood, greedy: false }));
  expect(resultOf(task, 0, scored)).toMatchObject({ prediction: 0, predictionNorm: 0, predictionBytes: 0 });
});
