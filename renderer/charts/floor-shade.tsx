/** Ground below the rounding floor, as SVG. */
import { type PlotAxis, type PlotBox, yPosition } from "./axis-helpers.ts";
import styles from "./plot.module.css";
import type { RoundingFloor } from "./rounding-floor.ts";

interface FloorShadeProps {
  box: PlotBox;
  y: PlotAxis;
  floor: RoundingFloor;
}

export function FloorShade({ box, y, floor }: FloorShadeProps) {
  const bottom = box.height - box.bottom;
  const top = Math.max(box.top, yPosition(y, box, floor.edge));
  if (top >= bottom) return null;
  const width = box.width - box.left - box.right;
  return (
    <g>
      <rect className={styles.shade} x={box.left} y={top} width={width} height={bottom - top} />
      <text className={styles.note} x={box.left + 6} y={Math.min(top + 13, bottom - 4)}>
        {floor.note}
      </text>
    </g>
  );
}
