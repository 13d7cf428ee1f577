/** Follows a value that changes often at most once in a while; the last value always arrives. */
import { useEffect, useRef, useState } from "react";

/** @param key when it changes the new value is taken at once */
export function useThrottled<T>(value: T, key: unknown, milliseconds: number): T {
  const [shown, setShown] = useState({ value, key, at: 0 });
  const due = useRef<ReturnType<typeof setTimeout>>(undefined);
  const newest = useRef(value);
  newest.current = value;
  const stale = shown.value !== value;
  useEffect(() => {
    if (!stale || due.current !== undefined) return;
    const wait = Math.max(0, shown.at + milliseconds - performance.now());
    due.current = setTimeout(() => {
      due.current = undefined;
      setShown({ value: newest.current, key, at: performance.now() });
    }, wait);
  }, [stale, shown, key, milliseconds]);
  useEffect(() => () => clearTimeout(due.current), []);
  return shown.key === key ? shown.value : value;
}
