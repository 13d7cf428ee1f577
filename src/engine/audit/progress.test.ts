import { expect, test } from "vitest";
import type { Progress } from "../../contract/progress.ts";
import { startProgress } from "./progress.ts";

function at(done: number, total: number): Progress {
  return { phase: "score", done, total, unit: "items", item: "facts", elapsedSeconds: 0.1, remainingSeconds: 1 };
}

test("models add up, and the time is the audit's", () => {
  let seconds = 10;
  const progress = startProgress(400, () => seconds);
  seconds = 12;
  expect(progress.within(at(50, 100), "base")).toMatchObject({
    done: 50,
    total: 400,
    elapsedSeconds: 2,
    item: "base: facts",
  });
  seconds = 14;
  progress.within(at(100, 100), "base");
  progress.leave(100);
  seconds = 16;
  // 150 items in six seconds: 250 are left.
  const third = progress.within(at(50, 100), "lora");
  expect(third.done).toBe(150);
  expect(third.remainingSeconds).toBeCloseTo(10, 0);
  progress.leave(100);
  expect(progress.within(at(10, 100), "fft").done).toBe(210);
  expect(progress.within(at(5, 100), "fft").done).toBe(210);
});

test("what is passed over is not counted as done, and no longer waited for", () => {
  let seconds = 0;
  const progress = startProgress(500, () => seconds);
  progress.leave(100);
  progress.forgo(100); // no intruders: nothing of it was asked
  seconds = 1;
  progress.within(at(30, 100), "lora");
  progress.forgo(100); // failed after 30 answers, which are kept
  seconds = 2;
  const last = progress.within(at(50, 100), "fft");
  expect(last).toMatchObject({ done: 180, total: 330 });
  expect(progress.within(at(100, 100), "fft").done).toBe(230);
});

test("measuring weights is told as it is", () => {
  const analyzing: Progress = { phase: "analyze", done: 1, total: 28, unit: "modules", elapsedSeconds: 1 };
  expect(startProgress(10).within(analyzing, "base")).toBe(analyzing);
});
