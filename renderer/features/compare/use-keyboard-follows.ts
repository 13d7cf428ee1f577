/** T takes the focused cell, or the table, off the page: the keyboard goes on in the view that came in its place. */
import { useEffect, useRef } from "react";

/** Where the keyboard enters each view. */
const entrances = { table: "section[aria-label='Modules']", heat: "[role='gridcell'][tabindex='0']" } as const;
/** The heatmap is measured before it has cells. */
const tries = 20;
const pause = 30;

export function useKeyboardFollows(shown: keyof typeof entrances): void {
  const before = useRef(shown);
  useEffect(() => {
    if (before.current === shown) return undefined;
    before.current = shown;
    let left = tries;
    let timer: ReturnType<typeof setTimeout>;
    function enter(): void {
      // A click on the switch, or somebody typing in the filter, keeps the keyboard.
      const { activeElement } = document;
      if (activeElement !== null && activeElement !== document.body) return;
      const entrance = document.querySelector<HTMLElement>(entrances[shown]);
      left -= 1;
      if (entrance) entrance.focus();
      else if (left > 0) timer = setTimeout(enter, pause);
    }
    timer = setTimeout(enter, 0);
    return () => clearTimeout(timer);
  }, [shown]);
}
