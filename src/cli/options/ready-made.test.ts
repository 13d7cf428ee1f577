import { expect, test } from "vitest";
import type { KnownTask } from "../../contract/api.ts";
import { withReadyMade } from "./ready-made.ts";
import { parseTasks } from "./tasks.ts";

const boolq: KnownTask = {
  ...{ name: "boolq", definition: "boolq", title: "BoolQ", kind: "choice", role: "retain", items: 3270 },
  ...{ file: null, repository: "google/boolq" },
};
const sciq: KnownTask = { ...boolq, name: "sciq", definition: "sciq", file: "/cache/sciq/test.parquet" };
const facts: KnownTask = { ...boolq, name: "facts", definition: null, file: "/demo/facts.jsonl", repository: null };

/** What one word of --task becomes, while every file with a slash in its name exists. */
function resolved(word: string) {
  const tasks = parseTasks([{ value: word, role: "retain" }], (path) => path);
  const [found] = withReadyMade(tasks, [boolq, sciq, facts], (path) => path.includes("/"));
  return [found?.name, found?.file, found?.definition];
}

test.each([
  ["sciq", ["sciq", "/cache/sciq/test.parquet", "sciq"]],
  ["science=sciq", ["science", "/cache/sciq/test.parquet", "sciq"]],
  ["facts", ["facts", "/demo/facts.jsonl", undefined]],
  ["boolq=data/validation.parquet", ["boolq", "data/validation.parquet", "boolq"]],
  ["boolq=data/validation.jsonl", ["boolq", "data/validation.jsonl", "boolq"]],
  ["mine=data/validation.parquet", ["mine", "data/validation.parquet", undefined]],
  ["data/boolq.parquet", ["boolq", "data/boolq.parquet", "boolq"]],
  ["data/boolq.jsonl", ["boolq", "data/boolq.jsonl", undefined]],
  ["data/facts.jsonl", ["facts", "data/facts.jsonl", undefined]],
  ["other:data/validation.parquet", ["other", "data/validation.parquet", "other"]],
  ["gone.jsonl", ["gone", "gone.jsonl", undefined]],
])("--task %s", (word, task) => {
  expect(resolved(word)).toEqual(task);
});

test("a ready-made task whose data is not here names who publishes it", () => {
  expect(() => resolved("boolq")).toThrow(
    expect.objectContaining({ code: "task.data-missing", message: expect.stringContaining("google/boolq") }),
  );
});
