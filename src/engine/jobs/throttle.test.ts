import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createThrottle } from "./throttle.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the first wish is met at once, many wishes once after the gap, and the last is never lost", () => {
  const action = vi.fn();
  const throttle = createThrottle(100, action);
  for (let count = 0; count < 5; count += 1) throttle.soon();
  expect(action).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(99);
  expect(action).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1);
  expect(action).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(1000);
  expect(action).toHaveBeenCalledTimes(2);
});

test("ten calls a second at most", () => {
  const action = vi.fn();
  const throttle = createThrottle(100, action);
  for (let time = 0; time < 1000; time += 5) {
    throttle.soon();
    vi.advanceTimersByTime(5);
  }
  expect(action.mock.calls.length).toBeLessThanOrEqual(11);
  expect(action.mock.calls.length).toBeGreaterThanOrEqual(9);
});

test("a call now takes the place of the one that waits; a stop forgets it", () => {
  const action = vi.fn();
  const throttle = createThrottle(100, action);
  throttle.soon();
  throttle.soon();
  throttle.now();
  vi.advanceTimersByTime(500);
  expect(action).toHaveBeenCalledTimes(2);
  throttle.soon();
  throttle.soon();
  throttle.stop();
  vi.advanceTimersByTime(500);
  expect(action).toHaveBeenCalledTimes(3);
});
