/** What a chart says of its data points; positions are pixels inside the chart. */
import type { ReactNode } from "react";
import type { TipContent } from "./chart-tip.tsx";

export interface Tips {
  count: number;
  /** Place of a datum; where it is a whole line, its place at the pointer's x. */
  at: (index: number, pointerX?: number) => { x: number; y: number };
  /** Data are lines, so the tooltip goes along with the pointer. */
  along?: boolean;
  /** Datum for the pointer; undefined where none is near. */
  nearest: (x: number, y: number) => number | undefined;
  describe: (index: number) => TipContent;
  /** Drawn over the chart for the active datum, as SVG; a small ring where left out. */
  mark?: (index: number) => ReactNode;
  /** Rows and columns for arrow keys; without it all arrows step through one list. */
  columns?: number;
  /** Enter or Alt click on a datum. */
  onOpen?: (index: number) => void;
  /** A plain click opens too, in the place of pinning the tooltip. */
  opensOnClick?: boolean;
  /** Tells others which datum is active, undefined for none. */
  onActive?: (index: number | undefined) => void;
}

/** Index of the rising `positions` that is nearest to `at`. */
export function nearestIndex(positions: readonly number[], at: number): number | undefined {
  let best: number | undefined;
  let smallest = Number.POSITIVE_INFINITY;
  for (const [index, position] of positions.entries()) {
    const distance = Math.abs(position - at);
    if (distance >= smallest) continue;
    smallest = distance;
    best = index;
  }
  return best;
}
