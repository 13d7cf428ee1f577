/** What stands around the pixels of a cosine map: ticks, diamonds, the line of k, and the bars. */
import { formatCount, formatThreshold } from "../../src/contract/format.ts";
import styles from "./cosine-map.module.css";
import type { MapLayout } from "./cosine-map-layout.ts";
import { type CosineCells, columnTicks } from "./cosine-values.ts";
import { Mark } from "./marks.tsx";

interface FrameProps {
  layout: MapLayout;
  cells: CosineCells;
  total: number;
  side: "left" | "right";
  intruders: readonly number[];
  highlighted: number | undefined;
}

/** Row numbers beside the map: 1, then every quarter. */
function rowTicks(rows: number): number[] {
  const step = Math.ceil(rows / 4);
  return [1, step, 2 * step, 3 * step, rows].filter((tick, index, all) => tick <= rows && all.indexOf(tick) === index);
}

function columnsText(columns: number, total: number): string {
  return columns < total ? `first ${formatCount(columns)} of ${formatCount(total)}` : `all ${formatCount(total)}`;
}

export function CosineFrame({ layout, cells, total, side, intruders, highlighted }: FrameProps) {
  const { map, bars, rowHeight } = layout;
  const middle = (rank: number) => map.y + (rank - 0.5) * rowHeight;
  const end = map.y + map.height;
  return (
    <g>
      <text className={styles.caption} x={map.x} y={12}>
        rows: top {cells.rows} of W · columns: {columnsText(cells.columns, total)} base {side} vectors (W₀)
      </text>
      <rect className={styles.frame} x={map.x} y={map.y} width={map.width} height={map.height} />
      {rowTicks(cells.rows).map((rank) => (
        <text key={rank} className={styles.caption} x={map.x - 16} y={middle(rank) + 3.6} textAnchor="end">
          {rank}
        </text>
      ))}
      {intruders.map((rank) => (
        <Mark
          key={rank}
          shape="diamond"
          x={map.x - 8}
          y={middle(rank)}
          size={2.2}
          fill="var(--intruder)"
          stroke="none"
        />
      ))}
      {columnTicks(cells.columns).map((column) => {
        const x = map.x + ((column - 0.5) / cells.columns) * map.width;
        return (
          <g key={column}>
            <line className={styles.axis} x1={x} x2={x} y1={end} y2={end + 4} />
            <text className={styles.caption} x={x} y={end + 15} textAnchor="middle">
              {formatCount(column)}
            </text>
          </g>
        );
      })}
      {highlighted !== undefined && (
        <rect
          className={styles.row}
          x={map.x - 1}
          y={map.y + (highlighted - 1) * rowHeight - 1}
          width={bars.x + bars.width - map.x + 2}
          height={rowHeight + 2}
        />
      )}
    </g>
  );
}

interface SplitProps {
  layout: MapLayout;
  rows: number;
  k: number;
}

/** Line under the tested vectors, over map and bars. */
export function CosineSplit({ layout: { map, bars, rowHeight }, rows, k }: SplitProps) {
  if (k >= rows) return null;
  const line = map.y + k * rowHeight + 0.5;
  return (
    <g>
      <line className={styles.split} x1={map.x - 14} x2={bars.x + bars.width} y1={line} y2={line} />
      <rect className={styles.splitGround} x={bars.x + bars.width - 38} y={line + 2} width={38} height={13} />
      <text className={styles.splitName} x={bars.x + bars.width - 2} y={line + 12} textAnchor="end">
        k = {k}
      </text>
    </g>
  );
}

interface BarsProps {
  layout: MapLayout;
  best: readonly number[];
  total: number;
  epsilon: number;
  intruders: readonly number[];
  highlighted: number | undefined;
}

export function CosineBars({
  layout: { map, bars, rowHeight },
  best,
  total,
  epsilon,
  intruders,
  highlighted,
}: BarsProps) {
  const end = map.y + map.height;
  const at = bars.x + bars.width * epsilon;
  return (
    <g>
      <text className={styles.caption} x={bars.x} y={12}>
        max |cos| over {formatCount(total)}
      </text>
      {best.map((value, row) => (
        <rect
          key={row}
          className={barClass(row + 1, intruders, highlighted)}
          x={bars.x}
          y={map.y + row * rowHeight}
          width={bars.width * Math.min(1, value)}
          height={Math.max(1, rowHeight - 0.7)}
        />
      ))}
      <line className={styles.threshold} x1={at} x2={at} y1={map.y - 2} y2={end + 3} />
      <line className={styles.axis} x1={bars.x} x2={bars.x + bars.width} y1={end + 0.5} y2={end + 0.5} />
      <text className={styles.thresholdName} x={at} y={end + 15} textAnchor="middle">
        ε {formatThreshold(epsilon)}
      </text>
      {epsilon > 0.25 && (
        <text className={styles.caption} x={bars.x} y={end + 15}>
          0
        </text>
      )}
      {epsilon < 0.75 && (
        <text className={styles.caption} x={bars.x + bars.width} y={end + 15} textAnchor="end">
          1
        </text>
      )}
    </g>
  );
}

function barClass(rank: number, intruders: readonly number[], highlighted: number | undefined): string | undefined {
  if (intruders.includes(rank)) return styles.intruderBar;
  return rank === highlighted ? styles.pickedBar : styles.bar;
}
