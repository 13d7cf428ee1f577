import { expect, test } from "vitest";
import { analysisSettings } from "../../contract/domain/analysis.ts";
import type { Job, JobQuestion } from "../../contract/domain/job.ts";
import { keepPausedJobs, keptPausedJobs } from "./paused-jobs.ts";

const settings = analysisSettings.parse({});
const spec = { base: "/base", tuned: [{ label: "fft", path: "/fft" }], settings, embeddings: false };

function job(id: string, state: Job["state"], question: JobQuestion = { kind: "analysis", spec }): Job {
  const rest = { title: id, progress: null, error: null, note: null, finishedAt: null, analyses: [], failures: [] };
  return { id, question, state, queuedAt: "2026-11-22T10:00:00.000Z", ...rest };
}

test("paused analyses are kept whole; what runs, ended, or is written down elsewhere is not", async () => {
  let kept: Record<string, unknown> = {};
  const store = {
    settings: async () => kept,
    putSettings: async (changes: Record<string, unknown>) => {
      kept = JSON.parse(JSON.stringify({ ...kept, ...changes }));
    },
  };
  expect(await keptPausedJobs(store)).toEqual([]);
  const paused = job("a", "paused");
  const training = job("c", "paused", { kind: "training", spec: { run: "r" } });
  keepPausedJobs(store)([paused, job("b", "running"), training, job("d", "cancelled")]);
  expect(await keptPausedJobs(store)).toEqual([paused]);
  keepPausedJobs(store)([]);
  expect(await keptPausedJobs(store)).toEqual([]);
  kept = { "paused-jobs": [{ id: 1 }] };
  expect(await keptPausedJobs(store)).toEqual([]);
});
