/** Destructive acts run at once and can be taken back: a toast of eight seconds, and Ctrl Z. */
import { useSyncExternalStore } from "react";

/** How long an act can be taken back, in milliseconds. */
export const undoTime = 8000;

export interface UndoOffer {
  id: number;
  /** "Removed “lora-r8” from the list. The files stay." */
  sentence: string;
  undo: () => unknown;
  /** Called when the act can no longer be taken back. */
  settle?: (() => unknown) | undefined;
  /** When the offer ends, in milliseconds since 1970. */
  until: number;
}

let offers: readonly UndoOffer[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function change(next: readonly UndoOffer[]): void {
  offers = next;
  for (const listener of listeners) listener();
}

/** Shows the toast; the newest offer is what Ctrl Z takes back. */
export function offerUndo(sentence: string, undo: () => unknown, settle?: () => unknown): void {
  const offer = { id: nextId++, sentence, undo, settle, until: Date.now() + undoTime };
  change([...offers, offer]);
  setTimeout(() => withdraw(offer.id), undoTime);
}

/** Takes an act back, the newest by default; false when there is none. */
export function takeBack(id = offers.at(-1)?.id): boolean {
  const offer = offers.find((candidate) => candidate.id === id);
  if (!offer) return false;
  change(offers.filter((other) => other !== offer));
  offer.undo();
  return true;
}

/** Closes an offer without taking the act back. */
export function withdraw(id: number): void {
  const offer = offers.find((candidate) => candidate.id === id);
  if (!offer) return;
  change(offers.filter((other) => other !== offer));
  offer.settle?.();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Open offers, the newest last. */
export function useUndoOffers(): readonly UndoOffer[] {
  return useSyncExternalStore(
    subscribe,
    () => offers,
    () => offers,
  );
}
