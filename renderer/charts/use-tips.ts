/** Which datum of a chart is active: by pointer after a moment, by keyboard at once, pinned by a click. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { Tips } from "./tips.ts";

export interface Active {
  index: number;
  by: "pointer" | "keyboard";
  /** The tooltip shows; the mark shows at once. */
  shown: boolean;
  pinned: boolean;
  /** Where the pointer is, for data that are lines. */
  x?: number | undefined;
}

const delayMilliseconds = 80;

export function useTips(tips: Tips | undefined) {
  const [active, setActive] = useState<Active>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const onActive = tips?.onActive;
  const index = active?.index;
  const valid = active && tips && active.index < tips.count ? active : undefined;

  useEffect(() => onActive?.(index), [onActive, index]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const point = useCallback(
    (target: HTMLElement, event: { clientX: number; clientY: number }) => {
      const origin = target.getBoundingClientRect();
      const x = event.clientX - origin.x;
      const next = tips?.nearest(x, event.clientY - origin.y);
      setActive((before) => pointed(before, next, tips?.along ? x : undefined));
      if (timer.current === undefined && next !== undefined) {
        timer.current = setTimeout(() => {
          timer.current = undefined;
          setActive((before) => before && { ...before, shown: true });
        }, delayMilliseconds);
      }
    },
    [tips],
  );
  const leave = useCallback((also: boolean) => {
    clearTimeout(timer.current);
    timer.current = undefined;
    setActive((before) => (before?.pinned && !also ? before : undefined));
  }, []);
  const show = useCallback((next: number) => {
    setActive({ index: next, by: "keyboard", shown: true, pinned: true });
  }, []);
  /** A click that comes before the moment has passed shows the tooltip too. */
  const pin = useCallback(
    () => setActive((before) => before && { ...before, shown: true, pinned: !before.pinned }),
    [],
  );
  return { active: valid, point, leave, show, pin };
}

/** A pinned datum stays; the tooltip of a moving pointer stays open. */
function pointed(before: Active | undefined, index: number | undefined, x: number | undefined): Active | undefined {
  if (before?.pinned) return before;
  if (index === undefined) return undefined;
  if (before?.index === index && before.by === "pointer" && before.x === x) return before;
  return { index, by: "pointer", shown: before?.shown ?? false, pinned: false, x };
}
