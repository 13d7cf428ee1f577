/**
 * Parts of a page that follow one value which changes often are drawn one after another, each in a task of its own:
 * drawn together they would hold the page for longer than a frame.
 */
import { useEffect, useState } from "react";
import { flushSync } from "react-dom";

/** Between two parts, in milliseconds: input and frames come first. */
const pause = 8;

let waiting = 0;

/** True while a part still shows an older value. */
export function turnsPending(): boolean {
  return waiting > 0;
}

/** The value, taken up a moment later than by the parts of smaller turns. The first one is there at once. */
export function useInTurn<Value>(value: Value, turn: number): Value {
  const [shown, setShown] = useState(value);
  useEffect(() => {
    if (Object.is(value, shown)) return;
    waiting += 1;
    // Two timers that are late could else be drawn together after all.
    const timer = setTimeout(() => flushSync(() => setShown(value)), turn * pause);
    return () => {
      waiting -= 1;
      clearTimeout(timer);
    };
  }, [value, shown, turn]);
  return shown;
}
