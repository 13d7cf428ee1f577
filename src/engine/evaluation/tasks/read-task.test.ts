import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/builders/folders.ts";
import { readTask } from "./read-task.ts";

const folder = temporaryFolder();
let made = 0;

function fileOf(lines: string[], ending = "jsonl"): string {
  const path = join(folder, `${made++}.${ending}`);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
  return path;
}

const choice = (context: string) => JSON.stringify({ context, choices: ["b", "c"], gold: 0 });
const read = (file: string, settings: object = {}, definition?: string) =>
  readTask({ name: "mine", file, role: "retain", definition }, { seed: 0, ...settings });
const many = Array.from({ length: 20 }, (_, index) => choice(`item ${index}`));

test("one bad item in twenty is left out and told; the places are those of the file", async () => {
  const task = await read(fileOf([...many.slice(0, 3), "{", ...many.slice(3)]));
  expect(task).toMatchObject({ kind: "choice", metric: "acc" });
  expect(task.indices).toEqual([0, 1, 2, ...Array.from({ length: 17 }, (_, index) => index + 4)]);
  expect(task.errors).toMatchObject([{ index: 3, error: { code: "task.invalid" } }]);
  expect(task.alerts).toMatchObject([{ code: "task.items-failed", message: expect.stringMatching(/1 of 21 items/) }]);
});

test("a file with many bad items is refused with the first of them", async () => {
  const path = fileOf([...many.slice(0, 7), "{", "[]"]);
  await expect(read(path)).rejects.toMatchObject({
    code: "task.invalid",
    message: expect.stringMatching(/2 of 9 items.*jsonl:8: The line is not valid JSON/),
    where: `${path}:8`,
  });
  expect(await read(fileOf([...many.slice(0, 8), "{", "[]"]))).toMatchObject({ errors: [{ index: 8 }, { index: 9 }] });
});

test("an empty file has no items", async () => {
  await expect(read(fileOf([]))).rejects.toMatchObject({
    code: "task.invalid",
    message: expect.stringMatching(/holds no items/),
  });
});

test("texts among choices are bad items", async () => {
  const task = await read(fileOf([...many, '{"text": "a"}']));
  expect(task.errors).toMatchObject([{ index: 20, error: { message: expect.stringMatching(/another kind/) } }]);
  expect(await read(fileOf(['{"text": "a"}']))).toMatchObject({ kind: "text", metric: "bits_per_byte" });
});

test("copies count twice and are told", async () => {
  const task = await read(fileOf([...many, many[0] as string, many[0] as string]));
  expect(task.items).toHaveLength(22);
  expect(task.alerts).toMatchObject([
    { code: "task.items-duplicated", message: expect.stringMatching(/2 of 22 items are copies/) },
  ]);
});

test("another sample of the same file has the same fingerprint, another file has not", async () => {
  const path = fileOf(many);
  const [whole, some, other] = await Promise.all([
    read(path),
    read(path, { limit: 5, seed: 3 }),
    read(fileOf([...many.slice(1), many[0] as string])),
  ]);
  expect(some.items).toHaveLength(5);
  expect(some.fingerprint).toBe(whole.fingerprint);
  expect(some.items).toEqual(some.indices.map((index) => whole.items[index]));
  expect(other.fingerprint).not.toBe(whole.fingerprint);
});

test("MMLU as first published: CSV without names, the subject in the file's name, letters as answers", async () => {
  const row = '"What, of these,\nis it?",one,two,three,"fo""ur",C';
  const path = join(folder, "world_religions_test.csv");
  writeFileSync(path, `${row}\n`);
  const named = fileOf(["question,A,B,C,D,answer", row], "csv");
  const item = {
    description: "The following are multiple choice questions (with answers) about world religions.\n\n",
    context: 'What, of these,\nis it?\nA. one\nB. two\nC. three\nD. fo"ur\nAnswer:',
    choices: ["A", "B", "C", "D"],
    gold: 2,
  };
  expect((await read(path, {}, "mmlu")).items).toEqual([item]);
  expect((await read(named, {}, "mmlu_world_religions")).items).toEqual([item]);
  await expect(read(named, {}, "mmlu")).rejects.toMatchObject({ message: expect.stringMatching(/subject is missing/) });
});

test("one subject is picked from the rows of all", async () => {
  const rows = ["anatomy", "virology", "anatomy"].map((subject, answer) =>
    JSON.stringify({ question: "q", subject, choices: ["a", "b", "c", "d"], answer }),
  );
  const task = await read(fileOf(rows), {}, "mmlu_anatomy");
  expect(task.indices).toEqual([0, 2]);
  expect((await read(fileOf(rows), {}, "mmlu")).items).toHaveLength(3);
});

test("the nested questions of the first publications are read", async () => {
  const choices = ["A", "B", "C", "D", "E"].map((label) => ({ label, text: `t${label}` }));
  const row = JSON.stringify({ answerKey: "C", id: "1", question: { stem: " s ", choices } });
  expect((await read(fileOf([row]), {}, "commonsense_qa")).items).toMatchObject([
    { context: "Question: s\nA. tA\nB. tB\nC. tC\nD. tD\nE. tE\nAnswer:", gold: 2 },
  ]);
  expect((await read(fileOf([row]), {}, "arc_easy")).items).toMatchObject([
    { context: "Question:  s \nAnswer:", gold: 2 },
  ]);
});

test("PubMedQA is read from the publishers' own repository too", async () => {
  const row = { question: "q?", context: { contexts: ["a", "b"] }, final_decision: "maybe" };
  expect((await read(fileOf([JSON.stringify(row)]), {}, "pubmedqa")).items).toEqual([
    { context: "Abstract: a\nb\nQuestion: q?\nAnswer:", choices: ["yes", "no", "maybe"], gold: 2 },
  ]);
});

test.each([
  ["boolq", { passage: "p", question: "q", label: -1 }, /jsonl:1: label holds no label/],
  ["boolq", { passage: "p", label: 1 }, /column question is missing/],
  ["winogrande", { sentence: "no blank", option1: "a", option2: "b", answer: "1" }, /no blank/],
  ["winogrande", { sentence: "a _ b", option1: "a", option2: "b", answer: "" }, /answer is ""/],
  ["piqa", { goal: "g", sol1: "", sol2: "b", label: 0 }, /choices\.0 is empty/],
  ["hellaswag", { ctx_a: "a", ctx_b: "b", activity_label: "c", endings: ["d"], label: "" }, /label holds no label/],
  ["pubmedqa", { QUESTION: "q", CONTEXTS: "c", final_decision: "yes" }, /CONTEXTS is no list/],
  ["wikitext", { text: "x" }, /column page is missing/],
])("%s: a row that cannot be used is told with its column", async (definition, row, message) => {
  await expect(read(fileOf([JSON.stringify(row)]), {}, definition)).rejects.toMatchObject({
    code: "task.invalid",
    message: expect.stringMatching(message),
  });
});

test("hostile texts take no quadratic time", async () => {
  const brackets = "[(".repeat(500_000);
  const page = fileOf([JSON.stringify({ page: `${brackets}${" ".repeat(500_000)}` })]);
  const row = { ctx_a: brackets, ctx_b: "b", activity_label: "c", endings: [`d${brackets}`, "e"], label: "0" };
  expect((await read(page, {}, "wikitext")).items).toHaveLength(1);
  expect((await read(fileOf([JSON.stringify(row)]), {}, "hellaswag")).items).toHaveLength(1);
});

test("files that are no tables, and tasks that do not exist", async () => {
  await expect(read(fileOf(["x"], "parquet"), {}, "boolq")).rejects.toMatchObject({
    code: "task.invalid",
    message: expect.stringMatching(/cannot be read as a table/),
  });
  await expect(read("x", {}, "unknown")).rejects.toMatchObject({ code: "task.unknown" });
  await expect(read(join(folder, "absent.parquet"), {}, "boolq")).rejects.toMatchObject({ code: "source.not-found" });
});
