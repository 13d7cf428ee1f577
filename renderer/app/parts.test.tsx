import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Job } from "../../src/contract/domain/job.ts";
import { announce } from "../widgets/announce.ts";
import { isDemo } from "./demo-strip.tsx";
import { shownKeys } from "./help/shown-keys.ts";
import { jobNews } from "./job-news.ts";
import { speaker } from "./live-region.tsx";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("one sentence each five seconds, the newest four, no sentence twice", () => {
  const spoken: string[] = [];
  const stop = speaker((sentence) => spoken.push(sentence));
  for (const sentence of ["a", "b", "b", "c", "d", "e", "f"]) announce(sentence);
  expect(spoken).toEqual(["a"]);
  vi.advanceTimersByTime(4999);
  expect(spoken).toEqual(["a"]);
  vi.advanceTimersByTime(30_000);
  expect(spoken).toEqual(["a", "c", "d", "e", "f"]);
  announce("g");
  expect(spoken.at(-1)).toBe("g");
  stop();
});

test("jobs that ended between two looks are news once", () => {
  const job = (id: string, state: Job["state"]) => ({ id, state, title: `Job ${id}`, error: null }) as Job;
  const before = [job("1", "running"), job("2", "running"), job("3", "finished")];
  const after = [job("1", "finished"), job("2", "running"), job("3", "finished")];
  expect(jobNews(before, after)).toEqual(["Job 1 finished."]);
  expect(jobNews(after, after)).toEqual([]);
});

test("the demo lies inside the workspace, own checkpoints do not", () => {
  const item = (path: string) => ({ path }) as Parameters<typeof isDemo>[0][number];
  expect(isDemo([item("/ws/demo/base"), item("/ws/demo/lora")], "/ws/")).toBe(true);
  expect(isDemo([item("/ws/demo/base"), item("/ws-other/lora")], "/ws")).toBe(false);
  expect(isDemo([], "/ws")).toBe(false);
});

test("keys as caps", () => {
  expect(shownKeys("Shift+ArrowUp")).toEqual(["Shift", "↑"]);
  expect(shownKeys("Ctrl+,")).toEqual(["Ctrl", ","]);
  expect(shownKeys("+")).toEqual(["+"]);
});
