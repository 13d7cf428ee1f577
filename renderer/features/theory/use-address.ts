/** The lab's setting in the address. Sliders move at once; the address follows when they rest. */
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";
import { useStillHere } from "../../widgets/use-still-here.ts";
import type { TheorySearch } from "./search.ts";

const route = getRouteApi("/theory");
/** Browsers refuse more than some hundred changes of the address in half a minute. */
const restMs = 150;

export type ChangeSetting = (changes: Partial<TheorySearch>) => void;

export function useAddress(): [TheorySearch, ChangeSetting] {
  const search = route.useSearch() as TheorySearch;
  const navigate = useNavigate();
  const isStillHere = useStillHere();
  const [draft, setDraft] = useState<Partial<TheorySearch>>({});
  const pending = useRef<Partial<TheorySearch>>({});
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const flush = useCallback(() => {
    const changes = pending.current;
    pending.current = {};
    if (!isStillHere()) return;
    void navigate({
      to: "/theory",
      search: (before) => ({ ...(before as TheorySearch), ...changes }),
      replace: true,
      resetScroll: false,
    });
  }, [navigate, isStillHere]);
  const change = useCallback<ChangeSetting>(
    (changes) => {
      pending.current = { ...pending.current, ...changes };
      setDraft((before) => ({ ...before, ...changes }));
      clearTimeout(timer.current);
      timer.current = setTimeout(flush, restMs);
    },
    [flush],
  );
  // What has arrived in the address is no draft any more; an address that somebody else opened wins.
  useEffect(() => {
    const waiting = pending.current;
    setDraft((before) =>
      Object.keys(before).some((key) => !(key in waiting))
        ? Object.fromEntries(Object.entries(before).filter(([key]) => key in waiting))
        : before,
    );
  }, [search]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return [{ ...search, ...draft }, change];
}
