/** Keeps a value's identity while its content does not change, so that what depends on it is not drawn anew. */
import { useRef } from "react";

/** For small plain data; items of a list are first compared by identity. */
export function useStable<T>(value: T): T {
  const kept = useRef(value);
  if (!sameContent(kept.current, value)) kept.current = value;
  return kept.current;
}

function sameContent(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameContent(item, b[index]));
  }
  return JSON.stringify(a) === JSON.stringify(b);
}

/** For lists of shared objects: the same list while its items are the same objects. */
export function useSameItems<T>(list: readonly T[]): readonly T[] {
  const kept = useRef(list);
  const before = kept.current;
  if (before.length !== list.length || before.some((item, index) => item !== list[index])) kept.current = list;
  return kept.current;
}
