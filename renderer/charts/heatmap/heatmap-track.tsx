/** One heatmap: row names, cells, marks, summaries. Pointer events speak of rows and columns. */
import { type MouseEvent, memo, type PointerEvent, type ReactNode, useCallback } from "react";
import type { ScaleKind } from "../colour.ts";
import type { HeatRow } from "./cells.ts";
import { type Box, cellBox, type Geometry, gutterWidth } from "./geometry.ts";
import styles from "./heatmap.module.css";
import { HeatmapCanvas } from "./heatmap-canvas.tsx";
import { HeatmapCells, type NamedRow } from "./heatmap-cells.tsx";
import { HeatmapMarks } from "./heatmap-marks.tsx";

export interface HeatPlace {
  row: number;
  column: number;
}

export interface HeatmapTrackProps {
  label: string;
  rows: readonly HeatRow[];
  names: readonly NamedRow[];
  geometry: Geometry;
  scale: ScaleKind;
  table: readonly string[];
  marks: boolean;
  active: HeatPlace | undefined;
  selected: HeatPlace | undefined;
  pinned: readonly HeatPlace[];
  onPoint: (place: HeatPlace | undefined, box: DOMRect | undefined) => void;
  onPress: (place: HeatPlace, event: PointerEvent) => void;
  onOpen: (place: HeatPlace) => void;
  /** At the right of the rows. */
  summaries: ReactNode;
}

export const HeatmapTrack = memo(function HeatmapTrack(props: HeatmapTrackProps) {
  const { label, rows, names, geometry, scale, table, active, selected, pinned, onPoint, onPress, onOpen } = props;
  const height = rows.length * geometry.rowHeight;
  const onMove = useCallback(
    (event: PointerEvent) => {
      const place = placeOf(event.target as Element);
      onPoint(place, place && boxOnPage(event.currentTarget, geometry, place));
    },
    [onPoint, geometry],
  );
  const onFocus = useCallback((cell: Element) => onPoint(placeOf(cell), cell.getBoundingClientRect()), [onPoint]);
  const onLeave = useCallback(() => onPoint(undefined, undefined), [onPoint]);
  const onDown = useCallback(
    (event: PointerEvent) => {
      const place = placeOf(event.target as Element);
      if (place) onPress(place, event);
    },
    [onPress],
  );
  const onDouble = useCallback(
    (event: MouseEvent) => {
      const place = placeOf(event.target as Element);
      if (place) onOpen(place);
    },
    [onOpen],
  );
  return (
    <div className={styles.block} style={{ height }}>
      <RowLabels rows={rows} geometry={geometry} active={selected?.row} />
      <div className={styles.plane} style={{ left: gutterWidth, width: geometry.width, height }}>
        <HeatmapCanvas rows={rows} geometry={geometry} scale={scale} />
        {props.marks && <HeatmapMarks rows={rows} geometry={geometry} table={table} />}
        <Outlines rows={rows} geometry={geometry} selected={selected} pinned={pinned} />
        <HeatmapCells
          label={label}
          rows={names}
          geometry={geometry}
          active={active}
          selected={selected}
          onMove={onMove}
          onLeave={onLeave}
          onDown={onDown}
          onDouble={onDouble}
          onFocus={onFocus}
        />
      </div>
      {props.summaries}
    </div>
  );
});

/** Row and column of a cell, from its place in the grid. */
function placeOf(target: Element): HeatPlace | undefined {
  const cell = target.closest("[aria-colindex]");
  const row = cell?.closest("[aria-rowindex]");
  if (!cell || !row) return undefined;
  return { row: Number(row.getAttribute("aria-rowindex")) - 1, column: Number(cell.getAttribute("aria-colindex")) - 1 };
}

/** Place of a cell in the window. */
export function boxOnPage(plane: Element, geometry: Geometry, { row, column }: HeatPlace): DOMRect {
  const bounds = plane.getBoundingClientRect();
  const box = cellBox(geometry, row, column);
  return new DOMRect(bounds.left + box.x, bounds.top + box.y, box.width, box.height);
}

interface RowsProps {
  rows: readonly HeatRow[];
  geometry: Geometry;
}

const RowLabels = memo(function RowLabels({ rows, geometry, active }: RowsProps & { active: number | undefined }) {
  return rows.map((row, index) => (
    <span
      key={row.id}
      className={`${styles.label} ${index === active ? styles.active : ""}`}
      style={{ top: index * geometry.rowHeight, width: gutterWidth - 8, lineHeight: `${geometry.rowHeight}px` }}
      title={row.id}
      aria-hidden="true"
    >
      {row.label}
    </span>
  ));
});

interface OutlinesProps extends RowsProps {
  selected: HeatPlace | undefined;
  pinned: readonly HeatPlace[];
}

const Outlines = memo(function Outlines({ rows, geometry, selected, pinned }: OutlinesProps) {
  const boxAt = ({ row, column }: HeatPlace): Box =>
    cellBox(geometry, row, column, rows[row]?.cells.length === 1 && geometry.columns !== 1);
  return (
    <svg className={styles.overlay} width={geometry.width} height={rows.length * geometry.rowHeight} aria-hidden="true">
      {pinned.map((place) => (
        <rect key={`${place.row} ${place.column}`} className={styles.pinned} {...grown(boxAt(place), 1)} rx={2} />
      ))}
      {selected && <rect className={styles.selected} {...grown(boxAt(selected), 2)} rx={3} data-testid="selection" />}
    </svg>
  );
});

function grown({ x, y, width, height }: Box, by: number) {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}
