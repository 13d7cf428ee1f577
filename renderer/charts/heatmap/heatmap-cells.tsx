// biome-ignore-all lint/a11y/noNoninteractiveElementToInteractiveRole: a grid is a table in which the keyboard moves
/** The cells as a grid of elements over the canvas: names for screen readers, focus for the keyboard, hooks for tests. */
import { type MouseEvent, memo, type PointerEvent, useMemo } from "react";
import { cellBox, type Geometry } from "./geometry.ts";
import styles from "./heatmap.module.css";

export interface NamedRow {
  id: string;
  cells: readonly { name: string; testId: string }[];
}

interface HeatmapCellsProps {
  label: string;
  rows: readonly NamedRow[];
  geometry: Geometry;
  /** The one cell that Tab reaches; undefined when it is in another track. */
  active: { row: number; column: number } | undefined;
  /** The selected cell of this track. */
  selected: { row: number; column: number } | undefined;
  onMove: (event: PointerEvent) => void;
  onLeave: () => void;
  onDown: (event: PointerEvent) => void;
  onDouble: (event: MouseEvent) => void;
  /** A cell got the keyboard, by a key. */
  onFocus: (cell: Element) => void;
}

export const HeatmapCells = memo(function HeatmapCells(props: HeatmapCellsProps) {
  const { label, rows, geometry, active, selected } = props;
  const size = { width: geometry.width, height: rows.length * geometry.rowHeight };
  return (
    <table
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length}
      aria-colcount={geometry.columns}
      className={styles.cells}
      style={size}
      onPointerMove={props.onMove}
      onPointerLeave={props.onLeave}
      onPointerDown={props.onDown}
      onDoubleClick={props.onDouble}
      onFocus={(event) => event.target.matches(":focus-visible") && props.onFocus(event.target)}
      onBlur={props.onLeave}
    >
      <tbody>
        {rows.map((row, index) => (
          <GridRow
            key={row.id}
            row={row}
            index={index}
            geometry={geometry}
            active={active?.row === index ? active.column : -1}
            selected={selected?.row === index ? selected.column : -1}
          />
        ))}
      </tbody>
    </table>
  );
});

interface GridRowProps {
  row: NamedRow;
  index: number;
  geometry: Geometry;
  active: number;
  selected: number;
}

const GridRow = memo(function GridRow({ row, index, geometry, active, selected }: GridRowProps) {
  const wide = row.cells.length === 1 && geometry.columns !== 1;
  const count = row.cells.length;
  const places = useMemo(
    () =>
      Array.from({ length: count }, (_, column) => {
        const { x, width, height } = cellBox(geometry, 0, column, wide);
        return { left: x, width: width + 1, height: height + 1 };
      }),
    [count, geometry, wide],
  );
  return (
    <tr className={styles.row} style={{ height: geometry.rowHeight }} aria-rowindex={index + 1}>
      {row.cells.map((cell, column) => (
        <td
          key={cell.testId}
          role="gridcell"
          className={styles.cell}
          style={places[column]}
          aria-label={cell.name}
          aria-colindex={column + 1}
          aria-selected={column === selected}
          tabIndex={column === active ? 0 : -1}
          data-testid={cell.testId}
        />
      ))}
    </tr>
  );
});
