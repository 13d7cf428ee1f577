import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import type { AuditEvent, EditEvent } from "../../contract/api.ts";
import type { AuditDocument, AuditSpec } from "../../contract/domain/audit.ts";
import { type EditDocument, type EditSpec, editSpec } from "../../contract/domain/edit.ts";
import { evaluationSettings } from "../../contract/domain/evaluation.ts";
import type { EngineEvent, Job, JobQuestion } from "../../contract/domain/job.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { createAuditJobs } from "./audit-job.ts";
import { createEditJobs, editTitle } from "./edit-job.ts";
import { createJobQueue, type JobQueue } from "./job-queue.ts";
import type { JobWork, Place } from "./job-work.ts";
import { createJobs } from "./jobs.ts";

const auditSpec: AuditSpec = {
  base: "/models/base",
  tuned: [{ label: "lora", path: "/runs/lora" }],
  tasks: [{ name: "old", file: "/tasks/old.jsonl", role: "retain" }],
  settings: evaluationSettings.parse({}),
  ...{ lambdas: [], arms: ["scale"], which: "strongest", k: 10, epsilon: 0.5, sequence: false },
};

function edit(changes: object): EditSpec {
  const intervention = { lambda: 0.7 };
  return editSpec.parse({ edit: "intervene", tuned: "/runs/lora", out: "/out/weak", intervention, ...changes });
}

const failure = {
  label: "gone",
  path: "/runs/gone",
  error: { code: "source.not-found", message: "/runs/gone does not exist.", retryable: false },
} as const;

/** Scores three of six answers, then waits for the signal; with the label `quick` it goes on to the end. */
async function* score(spec: AuditSpec, signal: AbortSignal): AsyncGenerator<AuditEvent> {
  yield { type: "run-failed", ...failure };
  yield { type: "progress", progress: { phase: "open", done: 9, total: 9, unit: "files", elapsedSeconds: 0 } };
  for (let done = 1; done <= 6; done += 1) {
    if (done === 4 && spec.tuned[0]?.label !== "quick") await cancelled(signal);
    yield { type: "progress", progress: { phase: "score", done, total: 6, unit: "answers", elapsedSeconds: done } };
    if (done % 3 === 0) yield { ...scored, stored: spec.tuned[0]?.path === "/runs/stored" };
  }
  yield { type: "finished", document: {} as AuditDocument };
}

const scored = { type: "scored", label: "lora", task: "old", arm: "scale", lambda: 1, value: 0.5 } as const;

async function* write(spec: EditSpec, signal: AbortSignal): AsyncGenerator<EditEvent> {
  yield { type: "progress", progress: { phase: "write", done: 1, total: 2, unit: "bytes", elapsedSeconds: 1 } };
  if (spec.out.endsWith("weak")) await cancelled(signal);
  yield { type: "finished", document: { outcome: { folder: spec.out } } as EditDocument };
}

async function cancelled(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  throw new DeltaScopeError("job.cancelled", "The work was cancelled.");
}

function openQueue(): { queue: JobQueue; events: EngineEvent[]; kept: string[] } {
  const events: EngineEvent[] = [];
  const kept: string[] = [];
  const publish = (event: EngineEvent): void => void events.push(structuredClone(event));
  const audit = createAuditJobs({ work: score, publish });
  const edits = createEditJobs({ work: write, keep: async ({ outcome }) => void kept.push(outcome.folder) });
  const open = (question: JobQuestion): JobWork => {
    if (question.kind === "audit") return audit(question.spec);
    if (question.kind === "edit") return edits(question.spec);
    throw new Error("These tests ask for audits and edits only.");
  };
  const jobs = createJobs<Place>({
    analysis: 1,
    scoring: 1,
    edit: 1,
    "exact-view": 1,
    training: 1,
    sweep: 1,
    download: 1,
  });
  return { queue: createJobQueue({ jobs, open, publish, interrupted: [] }), events, kept };
}

async function until(queue: JobQueue, id: string, reached: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = queue.list().find((one) => one.id === id);
    if (job && reached(job)) return job;
    await setTimeout(2);
  }
}

const told = (events: readonly EngineEvent[]) => events.filter(({ type }) => type === "scores-changed").length;

test("an audit tells that scores changed, names runs that failed, and says what it kept", async () => {
  const { queue, events } = openQueue();
  const { id, title } = queue.start({ kind: "audit", spec: auditSpec });
  expect(title).toBe("Forgetting of lora against base");
  await until(queue, id, ({ progress }) => progress?.done === 3);
  expect(told(events)).toBe(1);
  const job = await queue.cancel(id);
  expect(job).toMatchObject({
    state: "cancelled",
    note: "3 of 6 answers are kept.",
    failures: [failure],
    analyses: [],
  });
  expect(told(events)).toBe(2);
});

test("the last word of an audit comes after the last score, and answers that were stored are no news", async () => {
  const { queue, events } = openQueue();
  const tuned = [{ label: "quick", path: "/runs/stored" }];
  const { id } = queue.start({ kind: "audit", spec: { ...auditSpec, tuned } });
  await until(queue, id, ({ state }) => state === "finished");
  await setTimeout(5);
  expect(told(events)).toBe(1);
  expect(events.at(-1)).toEqual({ type: "scores-changed" });
});

test("a written edit joins the library before its job has finished", async () => {
  const { queue, kept, events } = openQueue();
  const { id } = queue.start({ kind: "edit", spec: edit({ out: "/out/strong" }) });
  const job = await until(queue, id, ({ state }) => state === "finished");
  expect(kept).toEqual(["/out/strong"]);
  expect(job).toMatchObject({ note: null, progress: { phase: "write" }, title: "lora with λ 0.7 written to strong" });
  expect(told(events)).toBe(0);
});

test("an edit that was cancelled says that nothing was written", async () => {
  const { queue, kept } = openQueue();
  const { id } = queue.start({ kind: "edit", spec: edit({}) });
  await until(queue, id, ({ progress }) => progress !== null);
  expect(await queue.cancel(id)).toMatchObject({ state: "cancelled", note: "Nothing was written." });
  expect(kept).toEqual([]);
});

test("jobs of different kinds run side by side, two of one kind do not; the same words are another question", async () => {
  const { queue } = openQueue();
  const first = queue.start({ kind: "audit", spec: auditSpec });
  const second = queue.start({ kind: "audit", spec: { ...auditSpec, k: 5 } });
  const third = queue.start({ kind: "edit", spec: edit({}) });
  expect(new Set([first.id, second.id, third.id]).size).toBe(3);
  await until(queue, third.id, ({ state }) => state === "running");
  await until(queue, first.id, ({ state }) => state === "running");
  expect(queue.list().map(({ state }) => state)).toEqual(["running", "queued", "running"]);
  await queue.cancel(first.id);
  await until(queue, second.id, ({ state }) => state === "running");
  await queue.stop();
  expect(queue.list().map(({ state }) => state)).toEqual(["cancelled", "cancelled", "cancelled"]);
});

test.each<[object, string]>([
  [{}, "lora with λ 0.7 written to weak"],
  [{ edit: "merge" }, "lora merged written to weak"],
  [{ edit: "extract-lora", base: "/models/base" }, "LoRA of lora written to weak"],
  [{ edit: "average", members: ["/a", "/b", "/c"] }, "Average of 3 written to weak"],
])("title of an edit %#: %j", (changes, title) => {
  expect(editTitle(edit(changes))).toBe(title);
});
