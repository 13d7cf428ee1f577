import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { DeltaScopeError } from "../../contract/errors.ts";
import { createJobs, type JobContext } from "./jobs.ts";

async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** Counts up until its signal is set. */
async function* countUntilCancelled({ signal }: JobContext): AsyncGenerator<number, void> {
  for (let count = 0; !signal.aborted; count += 1) {
    yield count;
    await setTimeout(1);
  }
  throw new Error("the native side was told to stop");
}

test("events pass in order, and jobs have ids of their own", async () => {
  const jobs = createJobs({ analysis: 2 });
  const work = async function* ({ id }: JobContext) {
    yield id;
    yield id;
  };
  const [one, two] = await Promise.all([1, 2].map(() => collect(jobs.runJob("analysis", work))));
  expect(one?.[0]).toBe(one?.[1]);
  expect(one).toHaveLength(2);
  expect(one?.[0]).not.toBe(two?.[0]);
});

test("no more jobs of a kind at a time than its limit; other kinds do not wait", async () => {
  const jobs = createJobs({ analysis: 1, report: 1 });
  const running = { analysis: 0, report: 0, both: 0 };
  const work = (kind: "analysis" | "report") =>
    async function* () {
      running[kind] += 1;
      running.both = Math.max(running.both, running.analysis + running.report);
      expect(running[kind]).toBe(1);
      await setTimeout(5);
      yield kind;
      running[kind] -= 1;
    };
  const kinds = ["analysis", "analysis", "report", "analysis"] as const;
  await Promise.all(kinds.map((kind) => collect(jobs.runJob(kind, work(kind)))));
  expect(running.both).toBe(2);
});

test("cancelling ends the work with job.cancelled and frees its place", async () => {
  const jobs = createJobs({ analysis: 1 });
  const controller = new AbortController();
  const seen: number[] = [];
  const cancelled = (async () => {
    for await (const count of jobs.runJob("analysis", countUntilCancelled, { signal: controller.signal })) {
      seen.push(count);
      if (count === 3) controller.abort();
    }
  })();
  await expect(cancelled).rejects.toMatchObject({ code: "job.cancelled" });
  expect(seen).toEqual([0, 1, 2, 3]);
  expect(
    await collect(
      jobs.runJob("analysis", async function* () {
        yield 1;
      }),
    ),
  ).toEqual([1]);
});

test("a job that waits for its place can be cancelled", async () => {
  const jobs = createJobs({ analysis: 1 });
  const first = new AbortController();
  const running = jobs.runJob("analysis", countUntilCancelled, { signal: first.signal });
  await running.next();
  const waiting = new AbortController();
  const second = collect(jobs.runJob("analysis", countUntilCancelled, { signal: waiting.signal }));
  waiting.abort();
  await expect(second).rejects.toMatchObject({ code: "job.cancelled" });
  await running.return();
});

test("who stops listening stops the work", async () => {
  const jobs = createJobs({ analysis: 1 });
  let context: JobContext | undefined;
  let cleaned = false;
  const work = async function* (job: JobContext) {
    context = job;
    try {
      for (let count = 0; ; count += 1) yield count;
    } finally {
      cleaned = true;
    }
  };
  for await (const count of jobs.runJob("analysis", work)) if (count === 2) break;
  expect(cleaned).toBe(true);
  expect(context?.signal.aborted).toBe(true);
});

test("failures arrive with their code; unknown ones as internal", async () => {
  const jobs = createJobs({ analysis: 1 });
  const failing = (error: Error, controller?: AbortController) =>
    collect(
      jobs.runJob(
        "analysis",
        async function* () {
          yield 1;
          controller?.abort();
          throw error;
        },
        { signal: controller?.signal },
      ),
    );
  const full = new DeltaScopeError("workspace.disk-full", "full");
  await expect(failing(full)).rejects.toBe(full);
  await expect(failing(full, new AbortController())).rejects.toBe(full);
  await expect(failing(new Error("odd"))).rejects.toMatchObject({ code: "internal", message: "odd" });
});
