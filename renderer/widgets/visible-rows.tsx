/** Long tables: only the rows in sight are elements; gaps stand for the others. */
import { useVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import type { RefObject } from "react";

/** Rows drawn beyond the edges, so that scrolling never shows a gap. */
const overscan = 12;

export interface VisibleRows {
  rows: readonly VirtualItem[];
  /** Heights of what is not drawn, in pixels. */
  above: number;
  below: number;
  scrollTo: (index: number) => void;
}

/** `rowHeight` in pixels, with its border; `keyOf` names a row wherever it stands. */
export function useVisibleRows(
  scroller: RefObject<HTMLElement | null>,
  { count, rowHeight, keyOf }: { count: number; rowHeight: number; keyOf: (index: number) => string },
): VisibleRows {
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: keyOf,
    overscan,
  });
  const rows = virtual.getVirtualItems();
  return {
    rows,
    above: rows[0]?.start ?? 0,
    below: virtual.getTotalSize() - (rows.at(-1)?.end ?? 0),
    scrollTo: (index) => virtual.scrollToIndex(index),
  };
}

/** Stands for the rows that are not drawn. */
export function RowGap({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
    <tr aria-hidden="true">
      <td colSpan={columns} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}
