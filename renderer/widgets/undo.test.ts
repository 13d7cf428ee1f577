import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { offerUndo, takeBack, undoTime, withdraw } from "./undo.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.advanceTimersByTime(undoTime);
  vi.useRealTimers();
});

test("Ctrl Z takes back the newest act, then the one before", () => {
  const undone: string[] = [];
  offerUndo("first", () => undone.push("first"));
  offerUndo("second", () => undone.push("second"));
  expect([takeBack(), takeBack(), takeBack()]).toEqual([true, true, false]);
  expect(undone).toEqual(["second", "first"]);
});

test("after eight seconds the act is settled, once, and cannot be taken back", () => {
  const undo = vi.fn();
  const settle = vi.fn();
  offerUndo("act", undo, settle);
  vi.advanceTimersByTime(undoTime - 1);
  expect(settle).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(settle).toHaveBeenCalledOnce();
  expect(takeBack()).toBe(false);
  expect(undo).not.toHaveBeenCalled();
});

test("an act that was taken back is never settled; a dismissed one is at once", () => {
  const settle = vi.fn();
  offerUndo("act", () => undefined, settle);
  takeBack();
  vi.advanceTimersByTime(undoTime);
  expect(settle).not.toHaveBeenCalled();
  offerUndo("act", () => undefined, settle);
  // Ids count up from the first offer of the page.
  for (let id = 0; id < 100; id += 1) withdraw(id);
  expect(settle).toHaveBeenCalledOnce();
});
