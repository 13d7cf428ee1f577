/** Which layer lies over the views: the palette or the help; one at a time. */
import { useSyncExternalStore } from "react";

export type Layer = "palette" | "help";

let open: Layer | undefined;
const listeners = new Set<() => void>();

export function openLayer(layer: Layer | undefined): void {
  open = layer;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLayer(): Layer | undefined {
  return useSyncExternalStore(subscribe, () => open);
}
