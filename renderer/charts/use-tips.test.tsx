import { act, renderHook } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Tips } from "./tips.ts";
import { useTips } from "./use-tips.ts";

const tips: Tips = {
  count: 3,
  at: (index) => ({ x: index * 10, y: 0 }),
  nearest: (x) => Math.round(x / 10),
  describe: (index) => ({ title: String(index), rows: [] }),
};

function open() {
  const plot = document.createElement("div");
  const { result } = renderHook(() => useTips(tips));
  const pointAt = (x: number) => act(() => result.current.point(plot, { clientX: x, clientY: 0 }));
  return { result, pointAt };
}

test("a click pins the tooltip at once; it stays when the pointer goes on and leaves, until the next click", () => {
  const { result, pointAt } = open();
  pointAt(10);
  expect(result.current.active).toMatchObject({ index: 1, shown: false, pinned: false });
  act(() => result.current.pin());
  expect(result.current.active).toMatchObject({ index: 1, shown: true, pinned: true });
  pointAt(20);
  act(() => result.current.leave(false));
  expect(result.current.active).toMatchObject({ index: 1, shown: true });
  act(() => result.current.pin());
  pointAt(20);
  expect(result.current.active).toMatchObject({ index: 2, pinned: false });
  act(() => result.current.leave(false));
  expect(result.current.active).toBeUndefined();
});

test("Escape closes a pinned tooltip", () => {
  const { result, pointAt } = open();
  pointAt(0);
  act(() => result.current.pin());
  act(() => result.current.leave(true));
  expect(result.current.active).toBeUndefined();
});
