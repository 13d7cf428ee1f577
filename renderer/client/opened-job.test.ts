import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Job } from "../../src/contract/domain/job.ts";
import { openedJob } from "./opened-job.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const job = (changes: Partial<Job> = {}): Job => ({
  ...{ id: "a", title: "fft against base", state: "queued", progress: null, error: null, note: null },
  ...{ question: { kind: "analysis" } as never, queuedAt: "2026", finishedAt: null, analyses: [], failures: [] },
  ...changes,
});

/** An engine whose list changes from look to look, and stays as it was last. */
function engineOf(...lists: Job[][]) {
  const list = vi.fn(async () => (lists.length > 1 ? lists.shift() : lists[0]) ?? []);
  return { engine: { jobs: { list } } as never, list };
}

async function later<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(10_000);
  return work;
}

test("a source that was opened and one that was refused are all there is to wait for", async () => {
  const failure = { label: "b", path: "/b", error: { code: "internal", message: "", retryable: false } } as const;
  const opened = job({ state: "running", analyses: ["one"], failures: [failure] });
  const { engine, list } = engineOf([job()], [job({ state: "running", analyses: ["one"] })], [opened]);
  expect(await later(openedJob(engine, job(), 2, () => true))).toBe(opened);
  expect(list).toHaveBeenCalledTimes(3);
});

test.each(["paused", "cancelled", "failed", "finished"] as const)(
  "one that is %s is waited for no longer",
  async (state) => {
    const { engine, list } = engineOf([job({ state })]);
    expect(await later(openedJob(engine, job(), 1, () => true))).toMatchObject({ state });
    expect(list).toHaveBeenCalledTimes(1);
  },
);

test("one that the engine knows no more is told, not asked for without end", async () => {
  const { engine } = engineOf([job()], []);
  await expect(later(openedJob(engine, job(), 1, () => true))).rejects.toMatchObject({
    code: "job.not-found",
    message: expect.stringContaining("fft against base"),
  });
});

test("nobody waits: nothing is asked", async () => {
  const { engine, list } = engineOf([job()]);
  expect(await later(openedJob(engine, job(), 1, () => false))).toMatchObject({ state: "queued" });
  expect(list).not.toHaveBeenCalled();
});
