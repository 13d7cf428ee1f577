/** A number and a bar at the right of every row. */
import { memo } from "react";
import type { RowSummary } from "./cells.ts";
import { type Geometry, gutterWidth } from "./geometry.ts";
import styles from "./heatmap.module.css";

interface RowSummariesProps {
  summaries: readonly RowSummary[];
  geometry: Geometry;
  /** Of the bars. */
  colour: string;
}

const barWidth = 34;
/** So much of a bar always shows. */
const smallestShare = 0.02;
const space = 12;

export const RowSummaries = memo(function RowSummaries({ summaries, geometry, colour }: RowSummariesProps) {
  const left = gutterWidth + geometry.width + space;
  return summaries.map(({ id, text, share }, index) => (
    <span
      key={id}
      className={styles.summary}
      style={{ top: index * geometry.rowHeight, height: geometry.rowHeight, left, width: geometry.margin - space }}
    >
      {share !== undefined && (
        <span className={styles.bar} aria-hidden="true">
          <span style={{ width: barWidth * Math.min(1, Math.max(smallestShare, share)), background: colour }} />
        </span>
      )}
      <span className={styles.value}>{text}</span>
    </span>
  ));
});
