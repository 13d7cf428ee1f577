import { expect, test } from "vitest";
import { makeAlert } from "../../contract/alerts.ts";
import type { EvaluationEvent } from "../../contract/api.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { taskFigures } from "./task-figures.ts";

const tasks = [
  { name: "1 new.jsonl", file: "/new.jsonl" },
  { name: "2 old.jsonl", file: "/old.jsonl" },
];

async function* eventsOf(...events: unknown[]): AsyncGenerator<EvaluationEvent, void> {
  yield* events as EvaluationEvent[];
}

const scored = (task: string, value: number) => ({ type: "scored", task, value });

test("figures stand in the order of the tasks, a real zero among them", async () => {
  const events = eventsOf(scored("2 old.jsonl", 0.5), { type: "plan" }, scored("1 new.jsonl", 0));
  expect(await taskFigures(events, tasks)).toEqual([0, 0.5]);
});

test("a task whose items cannot be scored is no zero, but says why", async () => {
  const alert = makeAlert("task.items-failed", "/old.jsonl: 9 of 9 items cannot be scored.", "/old.jsonl", "error");
  const events = eventsOf(scored("1 new.jsonl", 0.75), { type: "alert", alert });
  await expect(taskFigures(events, tasks)).rejects.toMatchObject({
    ...{ code: "task.invalid", message: alert.message, where: "/old.jsonl" },
  });
  await expect(taskFigures(eventsOf(scored("1 new.jsonl", 0.75)), tasks)).rejects.toMatchObject({
    ...{ code: "task.invalid", where: "/old.jsonl" },
  });
});

test("a file that cannot be read ends it with its own error", async () => {
  const error = new DeltaScopeError("task.too-large", "Line 3 is too long.", "/new.jsonl").toDocument();
  const events = eventsOf({ type: "run-failed", label: "1 new.jsonl", path: "/new.jsonl", error });
  await expect(taskFigures(events, tasks)).rejects.toMatchObject({ code: "task.too-large", where: "/new.jsonl" });
});
