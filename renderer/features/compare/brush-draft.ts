/** The brush while it is dragged: a store of its own, so that a drag draws only what shows it. */
import { useDeferredValue, useSyncExternalStore } from "react";
import type { Brush } from "./model/brush.ts";

export interface BrushDraft {
  get: () => Brush | undefined;
  set: (brush: Brush | undefined) => void;
  subscribe: (listener: () => void) => () => void;
}

export function createBrushDraft(): BrushDraft {
  let draft: Brush | undefined;
  const listeners = new Set<() => void>();
  return {
    get: () => draft,
    set(next) {
      if (next?.from === draft?.from && next?.to === draft?.to) return;
      draft = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The brush as the pointer shows it now. */
export function useShownBrush(draft: BrushDraft, brush: Brush | undefined): Brush | undefined {
  return useSyncExternalStore(draft.subscribe, draft.get) ?? brush;
}

/** The same for numbers that take a moment: they follow as soon as nothing more urgent is to be drawn. */
export function useFollowingBrush(draft: BrushDraft, brush: Brush | undefined): Brush | undefined {
  return useDeferredValue(useShownBrush(draft, brush));
}
