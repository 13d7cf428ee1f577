/** What a view says in the status bar: what is selected (left), keys that work here (right). */
import { type ReactNode, useEffect, useState } from "react";
import { createPortal } from "react-dom";

/** Ids of the two places that the shell keeps free. */
export const statusSlots = { left: "status-left", right: "status-right" } as const;

export interface StatusSlotProps {
  side?: keyof typeof statusSlots;
  children: ReactNode;
}

export function StatusSlot({ side = "right", children }: StatusSlotProps) {
  const [place, setPlace] = useState<HTMLElement | null>(null);
  // The shell's elements exist only after its first commit.
  useEffect(() => setPlace(document.getElementById(statusSlots[side])), [side]);
  return place && createPortal(children, place);
}
