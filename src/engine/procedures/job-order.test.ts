import { expect, test } from "vitest";
import type { Job } from "../../contract/domain/job.ts";
import { inKeptOrder, keepJobOrder } from "./job-order.ts";

function job(id: string, run: string, queuedAt: string, state: Job["state"] = "paused"): Job {
  const question = { kind: "training" as const, spec: { run } };
  const rest = { title: "", progress: null, error: null, note: null, finishedAt: null, analyses: [], failures: [] };
  return { id, question, state, queuedAt, ...rest };
}

test("the order that a user gave outlives the program: jobs are known by what they ask, new ones follow as asked", async () => {
  let kept: Record<string, unknown> = {};
  const store = {
    settings: async () => kept,
    putSettings: async (changes: Record<string, unknown>) => {
      kept = { ...kept, ...changes };
    },
  };
  const left = [job("1", "a", "01"), job("2", "b", "02"), job("3", "c", "03"), job("4", "d", "04")];
  expect((await inKeptOrder(left.toReversed(), store)).map(({ id }) => id)).toEqual(["1", "2", "3", "4"]);
  keepJobOrder(store)([
    job("x", "c", "03", "running"),
    job("y", "over", "00", "finished"),
    job("z", "a", "01", "queued"),
  ]);
  expect((await inKeptOrder(left, store)).map(({ id }) => id)).toEqual(["3", "1", "2", "4"]);
  kept = { "job-order": "broken" };
  expect((await inKeptOrder(left, store)).map(({ id }) => id)).toEqual(["1", "2", "3", "4"]);
});
