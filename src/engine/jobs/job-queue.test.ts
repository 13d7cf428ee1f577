import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { plainModule } from "../../../test/builders/store-records.ts";
import type { AnalysisEvent } from "../../contract/api.ts";
import { type AnalysisSpec, analysisSettings } from "../../contract/domain/analysis.ts";
import type { EngineEvent, Job, JobQuestion } from "../../contract/domain/job.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { moduleRowOf } from "../views/module-row.ts";
import { analysisTitle, createAnalysisJobs } from "./analysis-job.ts";
import { createJobQueue, type JobQueue } from "./job-queue.ts";
import type { JobWork, Place } from "./job-work.ts";
import { createJobs } from "./jobs.ts";

const settings = analysisSettings.parse({});

function specOf(label: string): AnalysisSpec {
  return { base: "/models/base", tuned: [{ label, path: `/runs/${label}` }], settings, embeddings: false };
}

function start(queue: JobQueue, label: string): Job {
  return queue.start({ kind: "analysis", spec: specOf(label) });
}

const modules = 4;

/** Measures four modules; label `slow` waits before the third one until it is cancelled, `broken` fails there. */
async function* work(spec: AnalysisSpec, signal: AbortSignal): AsyncGenerator<AnalysisEvent> {
  const label = spec.tuned[0]?.label ?? "";
  const analysis = `id-${label}`;
  yield { type: "started", job: "run", threads: 1, analyses: [{ label, analysis }] };
  yield { type: "plan", plan: { ...plan, modules } };
  for (let done = 1; done <= modules; done += 1) {
    if (done === 3 && label === "broken") throw new DeltaScopeError("workspace.disk-full", "The disk is full.");
    if (done === 3 && label === "slow") {
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw new DeltaScopeError("job.cancelled", "The work was cancelled.");
    }
    yield { type: "module", run: label, analysis, module: plainModule(`m${done}`), stored: false };
    const progress = { phase: "analyze" as const, done, total: modules, unit: "modules", elapsedSeconds: done };
    yield { type: "progress", progress };
    await setTimeout(1);
  }
  yield { type: "finished", analysis: "run" };
}

const plan = { units: 1, stored: 0, bytesToRead: 1, flops: 1, peakMemoryBytes: 1, estimatedSeconds: 1 };

function openQueue(
  interrupted: Job[] = [],
  keepPaused?: (jobs: readonly Job[]) => void,
): { queue: JobQueue; events: EngineEvent[] } {
  const events: EngineEvent[] = [];
  const publish = (event: EngineEvent): void => void events.push(structuredClone(event));
  const jobs = createJobs<Place>({
    analysis: 1,
    scoring: 1,
    edit: 1,
    "exact-view": 1,
    training: 1,
    sweep: 1,
    download: 1,
  });
  const analysis = createAnalysisJobs({ work, rowOf: moduleRowOf, publish });
  const open = (question: JobQuestion): JobWork => {
    if (question.kind !== "analysis") throw new Error("These tests ask for analyses only.");
    return analysis(question.spec);
  };
  return { queue: createJobQueue({ jobs, open, publish, interrupted, ...(keepPaused && { keepPaused }) }), events };
}

async function until(queue: JobQueue, id: string, state: Job["state"]): Promise<Job> {
  for (;;) {
    const job = queue.list().find((one) => one.id === id);
    if (job?.state === state) return job;
    await setTimeout(2);
  }
}

test("a job goes from queued over running to finished and tells its rows", async () => {
  const { queue, events } = openQueue();
  const { id, state } = start(queue, "fft");
  expect(state).toBe("queued");
  const job = await until(queue, id, "finished");
  expect(job).toMatchObject({ analyses: ["id-fft"], note: null, error: null, title: "fft against base" });
  expect(job.finishedAt).not.toBeNull();
  const rows = events.flatMap((event) => (event.type === "modules" ? event.rows : []));
  expect(rows.map(({ name, analysis }) => [analysis, name])).toEqual([1, 2, 3, 4].map((n) => ["id-fft", `m${n}`]));
  const states = events.flatMap((event) => (event.type === "job" ? [event.job.state] : []));
  expect([...new Set(states)]).toEqual(["queued", "running", "finished"]);
  expect(events.findLastIndex(({ type }) => type === "modules")).toBeLessThan(
    events.findIndex((event) => event.type === "job" && event.job.state === "finished"),
  );
});

test("one job runs, the others wait in their order; the same question is asked once", async () => {
  const { queue } = openQueue();
  const slow = start(queue, "slow");
  const next = start(queue, "fft");
  expect(start(queue, "fft").id).toBe(next.id);
  await until(queue, slow.id, "running");
  await setTimeout(20);
  expect(queue.list().map(({ state }) => state)).toEqual(["running", "queued"]);
  expect(queue.states()).toEqual(new Map([["id-slow", "running"]]));
  await queue.cancel(slow.id);
  await until(queue, next.id, "finished");
});

test("a cancelled job says what it kept, and goes on under the same id", async () => {
  const { queue } = openQueue();
  const { id } = start(queue, "slow");
  while ((queue.list()[0]?.progress?.done ?? 0) < 2) await setTimeout(5);
  expect(await queue.cancel(id)).toMatchObject({ state: "cancelled", error: null, note: "2 of 4 modules are kept." });
  expect(queue.resume(id)).toMatchObject({ id, state: "queued", note: null, finishedAt: null });
  await until(queue, id, "running");
  await queue.cancel(id);
});

test("a paused job keeps what it has, lets the next one run, and goes on under the same id", async () => {
  const { queue, events } = openQueue();
  const { id } = start(queue, "slow");
  const next = start(queue, "fft");
  while ((queue.list()[0]?.progress?.done ?? 0) < 2) await setTimeout(5);
  expect(await queue.pause(id)).toMatchObject({ state: "paused", error: null, note: "2 of 4 modules are kept." });
  await until(queue, next.id, "finished");
  expect(queue.clear([id]).map((job) => job.id)).toContain(id);
  expect(queue.resume(id)).toMatchObject({ id, state: "queued", note: null });
  await until(queue, id, "running");
  await queue.pause(id);
  expect(start(queue, "slow").id).toBe(id);
  await until(queue, id, "running");
  await queue.pause(id);
  expect(await queue.cancel(id)).toMatchObject({ state: "cancelled", note: "2 of 4 modules are kept." });
  expect(events.at(-1)).toMatchObject({ type: "job", job: { id, state: "cancelled" } });
  expect(queue.clear([id]).map((job) => job.id)).not.toContain(id);
});

test("which jobs are paused is told whenever it changes, and taken up again by the next process", async () => {
  let kept: Job[] = [];
  let told = 0;
  const keep = (jobs: readonly Job[]): void => {
    kept = jobs.filter(({ state }) => state === "paused");
    told += 1;
  };
  const { queue } = openQueue([], keep);
  const { id } = start(queue, "slow");
  while ((queue.list()[0]?.progress?.done ?? 0) < 2) await setTimeout(5);
  expect(told).toBe(0);
  await queue.pause(id);
  expect(kept).toMatchObject([{ id, state: "paused", note: "2 of 4 modules are kept.", progress: { done: 2 } }]);

  const next = openQueue(kept, keep).queue;
  expect(next.list()).toMatchObject([{ id, state: "paused" }]);
  next.resume(id);
  expect(kept).toEqual([]);
  await until(next, id, "running");
  await next.pause(id);
  await next.cancel(id);
  expect(kept).toEqual([]);
  expect(told).toBe(4);
});

test("a job that waits is paused without having begun", async () => {
  const { queue } = openQueue();
  const first = start(queue, "slow");
  const second = start(queue, "fft");
  expect(await queue.pause(second.id)).toMatchObject({ state: "paused", note: "Nothing was computed yet." });
  await queue.cancel(first.id);
  queue.resume(second.id);
  await until(queue, second.id, "finished");
});

test("a job that waits is cancelled without having begun", async () => {
  const { queue } = openQueue();
  const first = start(queue, "slow");
  const second = start(queue, "fft");
  expect(await queue.cancel(second.id)).toMatchObject({ state: "cancelled", note: "Nothing was computed yet." });
  expect(queue.list()[0]?.state).toBe("running");
  await queue.cancel(first.id);
});

test("a job that waits is moved before another, or to the end", async () => {
  const { queue, events } = openQueue();
  const slow = start(queue, "slow");
  const [a, b, c] = ["a", "b", "c"].map((label) => start(queue, label).id) as [string, string, string];
  await until(queue, slow.id, "running");
  expect(queue.move(c, a).map(({ id }) => id)).toEqual([slow.id, c, a, b]);
  expect(queue.move(a, null).map(({ id }) => id)).toEqual([slow.id, c, b, a]);
  expect(queue.move(b, b).map(({ id }) => id)).toEqual([slow.id, c, b, a]);
  expect(events.at(-1)).toMatchObject({
    type: "hello",
    jobs: [slow, { id: c }, { id: b }, { id: a }].map(({ id }) => ({ id })),
  });
  expect(() => queue.move(a, "nobody")).toThrow(expect.objectContaining({ code: "job.not-found" }));
  await queue.cancel(slow.id);
  await until(queue, a, "finished");
  const began = events.flatMap((event) =>
    event.type === "job" && event.job.state === "running" ? [event.job.id] : [],
  );
  expect([...new Set(began)]).toEqual([slow.id, c, b, a]);
});

test("a failed job keeps its error until it is cleared", async () => {
  const { queue, events } = openQueue();
  const { id } = start(queue, "broken");
  const job = await until(queue, id, "failed");
  expect(job.error).toMatchObject({ code: "workspace.disk-full", retryable: true });
  expect(job.note).toBe("2 of 4 modules are kept.");
  expect(queue.clear([id])).toEqual([]);
  expect(events.at(-1)).toEqual({ type: "hello", jobs: [] });
  expect(() => queue.resume(id)).toThrow(expect.objectContaining({ code: "job.not-found" }));
});

test("a job that runs is not cleared", async () => {
  const { queue } = openQueue();
  const { id } = start(queue, "slow");
  await until(queue, id, "running");
  expect(queue.clear([id])).toHaveLength(1);
  await queue.stop();
  expect(queue.list()[0]?.state).toBe("cancelled");
});

test("what an earlier process left behind can be taken up", async () => {
  const { queue: first } = openQueue();
  const left: Job = { ...start(first, "fft"), state: "failed", note: "1 of 4 modules is kept." };
  const { queue } = openQueue([left]);
  expect(queue.list()).toEqual([left]);
  queue.resume(left.id);
  expect((await until(queue, left.id, "finished")).note).toBeNull();
});

test("titles name few runs and count many", () => {
  const tuned = ["a", "b", "c", "d"].map((label) => ({ label, path: label }));
  expect(analysisTitle({ ...specOf("a"), tuned: tuned.slice(0, 3) })).toBe("a, b and c against base");
  expect(analysisTitle({ ...specOf("a"), tuned })).toBe("4 runs against base");
  expect(analysisTitle({ ...specOf("a"), base: undefined })).toBe("a");
});
