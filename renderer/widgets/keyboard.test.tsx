import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CommandKeys } from "./command-keys.tsx";
import { commandKey, setCommandKeys } from "./key-commands.ts";
import { activeScopes, answerKey, type KeyBinding, keyName, registerKeys, setSingleKeys, useKeys } from "./keyboard.ts";

const stops: (() => void)[] = [];
const listener = (event: KeyboardEvent) => void answerKey(event);

beforeEach(() => window.addEventListener("keydown", listener));
afterEach(() => {
  window.removeEventListener("keydown", listener);
  for (const stop of stops.splice(0)) stop();
  setSingleKeys(true);
  setCommandKeys({});
});

function register(name: string, ...bindings: Partial<KeyBinding>[]) {
  stops.push(
    registerKeys({
      name,
      bindings: bindings.map((binding) => ({ keys: "", does: "", run: () => undefined, ...binding })),
    }),
  );
}

test.each([
  [{ key: "k", ctrlKey: true }, "Ctrl+k"],
  [{ key: "K", metaKey: true }, "Ctrl+K"],
  [{ key: "?", shiftKey: true }, "?"],
  [{ key: "J", shiftKey: true }, "Shift+J"],
  [{ key: " " }, "Space"],
  [{ key: "Escape" }, "Esc"],
  [{ key: "F6", shiftKey: true }, "Shift+F6"],
])("%o is %s", (pressed, name) => {
  expect(keyName({ ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...pressed })).toBe(name);
});

test("the innermost scope answers; one that declines passes the key on", () => {
  const outer = vi.fn();
  const inner = vi.fn((): unknown => undefined);
  register("outer", { keys: "J", run: outer });
  register("inner", { keys: "J", run: inner });
  fireEvent.keyDown(document.body, { key: "j" });
  expect([inner.mock.calls.length, outer.mock.calls.length]).toEqual([1, 0]);
  inner.mockReturnValue(false);
  fireEvent.keyDown(document.body, { key: "j" });
  expect(outer).toHaveBeenCalledOnce();
});

test("single keys rest in text fields; chords that say so work there", () => {
  const single = vi.fn();
  const chord = vi.fn();
  register("all", { keys: "J", run: single }, { keys: "Ctrl+K", run: chord, inInputs: true });
  render(
    <>
      <input aria-label="field" />
      <input aria-label="box" type="checkbox" />
    </>,
  );
  fireEvent.keyDown(screen.getByLabelText("field"), { key: "j" });
  expect(single).not.toHaveBeenCalled();
  fireEvent.keyDown(screen.getByLabelText("field"), { key: "k", ctrlKey: true });
  expect(chord).toHaveBeenCalledOnce();
  fireEvent.keyDown(screen.getByLabelText("box"), { key: "j" });
  expect(single).toHaveBeenCalledOnce();
});

test("single keys can be switched off; chords, function keys and marked ones stay", () => {
  const run = vi.fn();
  register(
    "all",
    { keys: "J", run },
    { keys: "ArrowUp", run, always: true },
    { keys: "Ctrl+K", run },
    { keys: "F6", run },
  );
  setSingleKeys(false);
  for (const pressed of [{ key: "j" }, { key: "ArrowUp" }, { key: "k", ctrlKey: true }, { key: "F6" }]) {
    fireEvent.keyDown(document.body, pressed);
  }
  expect(run).toHaveBeenCalledTimes(3);
});

test("a key that something else answered already is left alone", () => {
  const run = vi.fn();
  register("all", { keys: "J", run });
  const event = new KeyboardEvent("keydown", { key: "j", cancelable: true });
  event.preventDefault();
  expect(answerKey(event)).toBe(false);
  expect(run).not.toHaveBeenCalled();
});

test("a component's keys live as long as it does and call its newest function", () => {
  const seen: number[] = [];
  function Counter({ count }: { count: number }) {
    useKeys("Counter", [{ keys: "M", does: "Count", run: () => seen.push(count) }]);
    return null;
  }
  const { rerender, unmount } = render(<Counter count={1} />);
  rerender(<Counter count={2} />);
  fireEvent.keyDown(document.body, { key: "m" });
  expect(activeScopes().map(({ name }) => name)).toEqual(["Counter"]);
  unmount();
  fireEvent.keyDown(document.body, { key: "m" });
  expect(seen).toEqual([2]);
  expect(activeScopes()).toEqual([]);
});

test("a command answers the key that the user gave it, no longer its first one, and the caps show it", () => {
  const add = vi.fn();
  const next = vi.fn();
  register("Library", { ...commandKey("library.add"), run: add }, { ...commandKey("library.next"), run: next });
  render(<CommandKeys of={["library.add", "library.next"]} />);
  const caps = () => [...document.querySelectorAll("kbd")].map((cap) => cap.textContent);
  expect(caps()).toEqual(["A", "J"]);
  // Changed while the scope is registered: A takes the key that J had.
  act(() => setCommandKeys({ "library.add": "J", "library.next": "+" }));
  expect(caps()).toEqual(["J", "+"]);
  fireEvent.keyDown(document.body, { key: "a" });
  expect(add).not.toHaveBeenCalled();
  fireEvent.keyDown(document.body, { key: "j" });
  expect([add.mock.calls.length, next.mock.calls.length]).toEqual([1, 0]);
  fireEvent.keyDown(document.body, { key: "+", shiftKey: true });
  expect(next).toHaveBeenCalledOnce();
});
