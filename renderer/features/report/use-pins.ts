/** Changes of the pins: shown at once, corrected by the engine's answer. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { Pin } from "../../../src/contract/domain/pin.ts";
import { useEngine } from "../../client/engine.ts";
import { pinsQuery } from "../../client/queries.ts";
import { announce } from "../../widgets/announce.ts";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { offerUndo } from "../../widgets/undo.ts";

/** Removed, but the offer to take that back still stands. */
let hidden: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

function hide(next: Iterable<string>): void {
  hidden = new Set(next);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useHiddenPins(): ReadonlySet<string> {
  return useSyncExternalStore(subscribe, () => hidden);
}

export function usePinActions(pins: readonly Pin[]) {
  const engine = useEngine();
  const queries = useQueryClient();
  const { queryKey } = pinsQuery(engine);
  const change = useMutation({
    mutationFn: ({ ask }: { guess: (known: Pin[]) => Pin[]; ask: () => Promise<Pin[]> }) => ask(),
    onMutate: ({ guess }) => void queries.setQueryData<Pin[]>(queryKey, (known) => known && guess(known)),
    onSuccess: (answer) => queries.setQueryData(queryKey, answer),
    onError: () => queries.invalidateQueries({ queryKey }),
  });
  return {
    error: change.error,
    note: (pin: Pin, note: string) =>
      change.mutate({
        guess: (known) => known.map((other) => (other.id === pin.id ? { ...other, note } : other)),
        ask: () => engine.report.pins.note({ pin: pin.id, note }),
      }),
    move(pin: Pin, step: 1 | -1) {
      const order = moved(pins, pin, step);
      change.mutate({
        guess: (known) => [...order, ...known.filter((other) => !order.some(({ id }) => id === other.id))],
        ask: () => engine.report.pins.arrange({ pins: order.map(({ id }) => id) }),
      });
    },
    remove(pin: Pin) {
      const showAgain = () => hide([...hidden].filter((id) => id !== pin.id));
      hide([...hidden, pin.id]);
      offerUndo(`Removed “${pin.title}” from the report.`, showAgain, async () => {
        try {
          queries.setQueryData(queryKey, await engine.report.pins.remove({ pins: [pin.id] }));
        } catch (thrown) {
          announce(`Not removed: ${toErrorDocument(thrown).message}`);
        }
        showAgain();
      });
    },
  };
}

/** The pins with one of them a place further up (−1) or down. */
export function moved(pins: readonly Pin[], pin: Pin, step: 1 | -1): Pin[] {
  const from = pins.findIndex(({ id }) => id === pin.id);
  const to = from + step;
  const other = pins[to];
  if (from < 0 || !other) return [...pins];
  return pins.map((at, index) => (index === from ? other : index === to ? pin : at));
}
