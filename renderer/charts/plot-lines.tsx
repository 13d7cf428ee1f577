/** The lines of a chart as one path each: hundreds of them redraw in milliseconds while results arrive. */
import { memo } from "react";
import { type PlotAxis, type PlotBox, type PlotPoint, xPosition, yPosition } from "./axis-helpers.ts";
import styles from "./plot.module.css";

export interface PlotLine {
  id: string;
  points: readonly PlotPoint[];
  colour: string;
  width?: number;
  dash?: string | undefined;
  opacity?: number;
}

interface PlotLinesProps {
  box: PlotBox;
  x: PlotAxis;
  y: PlotAxis;
  lines: readonly PlotLine[];
}

/** Half of the widest line, which may run along the edge of the plot. */
const edge = 2;

export const PlotLines = memo(function PlotLines({ box, x, y, lines }: PlotLinesProps) {
  const [left, top] = [box.left - edge, box.top - edge];
  const width = Math.max(0, box.width - box.right - box.left + 2 * edge);
  const height = Math.max(0, box.height - box.bottom - box.top + 2 * edge);
  return (
    <svg className={styles.layer} width={box.width} height={box.height} aria-hidden="true">
      <svg
        x={left}
        y={top}
        width={width}
        height={height}
        viewBox={`${left} ${top} ${width} ${height}`}
        aria-hidden="true"
      >
        {lines.map(({ id, points, colour, width: thickness = 1.6, dash, opacity }) => (
          <path
            key={id}
            d={linePath(points, x, y, box)}
            fill="none"
            stroke={colour}
            strokeWidth={thickness}
            strokeDasharray={dash}
            strokeOpacity={opacity}
          />
        ))}
      </svg>
    </svg>
  );
});

/** Broken where a value is missing, or has no place on a logarithmic axis; tenths of pixels are enough. */
export function linePath(points: readonly PlotPoint[], x: PlotAxis, y: PlotAxis, box: PlotBox): string {
  let path = "";
  let joined = false;
  for (const point of points) {
    const shown = isShown(x, point.x) && isShown(y, point.y);
    if (shown) {
      const place = `${xPosition(x, box, point.x).toFixed(1)} ${yPosition(y, box, point.y).toFixed(1)}`;
      path += `${joined ? "L" : "M"}${place}`;
    }
    joined = shown;
  }
  return path;
}

function isShown({ domain }: PlotAxis, value: number): boolean {
  return Number.isFinite(value) && (!domain.log || value > 0);
}
