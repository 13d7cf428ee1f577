/** Rings and counts over the cells that hold something to look at. */
import { memo } from "react";
import { inkOn } from "../colour.ts";
import type { HeatCell, HeatRow } from "./cells.ts";
import { type Box, cellBox, type Geometry, hasLabels } from "./geometry.ts";
import styles from "./heatmap.module.css";

interface HeatmapMarksProps {
  rows: readonly HeatRow[];
  geometry: Geometry;
  table: readonly string[];
}

/** Lower rings have no room for a number. */
const lowestCount = 12;
const pillWidth = 17;

export const HeatmapMarks = memo(function HeatmapMarks({ rows, geometry, table }: HeatmapMarksProps) {
  const height = rows.length * geometry.rowHeight;
  return (
    <svg className={styles.overlay} width={geometry.width} height={height} aria-hidden="true">
      {rows.flatMap((row, rowIndex) =>
        row.cells.flatMap((cell, column) => {
          if (cell.marks <= 0) return [];
          const wide = row.cells.length === 1 && geometry.columns !== 1;
          const box = cellBox(geometry, rowIndex, column, wide);
          return [
            <Mark key={`${row.id} ${column}`} box={box} cell={cell} table={table} pill={wide || hasLabels(geometry)} />,
          ];
        }),
      )}
    </svg>
  );
});

interface MarkProps {
  box: Box;
  cell: HeatCell;
  table: readonly string[];
  /** In wide cells the number stands beside the value. */
  pill: boolean;
}

function Mark({ box, cell, table, pill }: MarkProps) {
  const ring = {
    x: box.x + 1,
    y: box.y + 1,
    width: Math.max(1, box.width - 2),
    height: Math.max(1, box.height - 2),
    rx: 1.5,
  };
  return (
    <g>
      <rect className={styles.halo} {...ring} />
      <rect className={styles.ring} {...ring} />
      {pill ? <Pill box={box} count={cell.marks} /> : <Count box={box} cell={cell} table={table} />}
    </g>
  );
}

function Count({ box, cell, table }: Omit<MarkProps, "pill">) {
  if (box.height < lowestCount - 1 || box.width < 11) return null;
  const hasColour = cell.state === "value" || cell.state === "estimated";
  const fill = hasColour ? inkOn(table[cell.colour] ?? "#000000") : "var(--text)";
  const size = Math.min(11, box.height - 2);
  return (
    <text
      className={styles.count}
      style={{ fontSize: size }}
      x={box.x + box.width / 2}
      y={box.y + box.height / 2 + size * 0.36}
      fill={fill}
    >
      {cell.marks}
    </text>
  );
}

function Pill({ box, count }: { box: Box; count: number }) {
  const height = Math.min(14, box.height - 4);
  if (height < 6) return null;
  const y = box.y + (box.height - height) / 2;
  const size = Math.min(10.5, height - 0.5);
  return (
    <>
      <rect className={styles.pill} x={box.x + 4} y={y} width={pillWidth} height={height} rx={2} />
      <text
        className={styles.pillCount}
        style={{ fontSize: size }}
        x={box.x + 4 + pillWidth / 2}
        y={y + height / 2 + size * 0.36}
      >
        {count}
      </text>
    </>
  );
}
