/** What is stored of a run, and when: a late write would take the place of the next start's. */
import { afterEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../../test/builders/folders.ts";
import { configNamed } from "../../../../test/builders/training-bench.ts";
import type { TrainingRecord } from "../../store/trainings.ts";
import { newRun } from "./begin.ts";
import { openLiveRun } from "./live-run.ts";

afterEach(() => void vi.useRealTimers());

test("what is settled is stored at once, and never again", async () => {
  const folder = temporaryFolder("live");
  const record = { run: newRun(configNamed("a"), { folder, out: undefined }), askedAt: "2026", growth: [] };
  const stored: TrainingRecord[] = [];
  const told: number[] = [];
  const live = await openLiveRun(record, {
    store: { putTraining: async (one: TrainingRecord) => void stored.push(one) },
    publish: ({ step }: TrainingRecord["run"]) => void told.push(step),
  } as never);
  vi.useFakeTimers();
  for (const step of [1, 2, 3]) live.change({ step });
  expect(stored.map(({ run }) => run.step)).toEqual([1]);
  await live.settle();
  expect(stored.map(({ run }) => run.step)).toEqual([1, 3]);
  expect(told).toEqual([1, 3]);
  vi.advanceTimersByTime(60_000);
  expect(stored).toHaveLength(2);
  expect(told).toHaveLength(2);
});
