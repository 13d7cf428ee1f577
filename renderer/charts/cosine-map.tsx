/** |cosine| of the top vectors of W with base vectors as pixels, with bars of the best one and the ε line. */
import { useCallback, useEffect, useMemo, useRef } from "react";
import { formatCosine, formatCount, formatThreshold } from "../../src/contract/format.ts";
import { ChartFigure } from "./chart-figure.tsx";
import { colourTable, type ThemeName } from "./colour.ts";
import styles from "./cosine-map.module.css";
import { type MapLayout, mapLayout } from "./cosine-map-layout.ts";
import { CosineBars, CosineFrame, CosineSplit } from "./cosine-map-parts.tsx";
import { type CosineCells, colourPixels, cosineAt, pixelColumns, strongestColumn } from "./cosine-values.ts";
import type { Tips } from "./tips.ts";
import type { Size } from "./use-size.ts";

export interface CosineMapProps {
  name: string;
  label: string;
  theme: ThemeName;
  cells: CosineCells;
  /** Best |cosine| of each row over all base vectors. */
  best: readonly number[];
  /** Number of all base vectors. */
  total: number;
  epsilon: number;
  k: number;
  side: "left" | "right";
  /** Ranks (from 1) of the intruders. */
  intruders: readonly number[];
  /** Rank that the table points at. */
  highlighted?: number | undefined;
  /** Tells the rank under the pointer. */
  onRank?: (rank: number | undefined) => void;
}

export function CosineMapChart(props: CosineMapProps) {
  const { name, label, theme, cells, best, total, epsilon, k, side, intruders, highlighted, onRank } = props;
  const table = useMemo(() => mapTable(cells, best), [cells, best]);
  const draw = useCallback(
    (size: Size) => {
      const layout = mapLayout(size, cells);
      return (
        <>
          <MapPixels layout={layout} cells={cells} theme={theme} />
          <svg className={styles.layer} width={size.width} height={size.height} aria-hidden="true">
            <CosineFrame {...{ layout, cells, total, side, intruders, highlighted }} />
            <CosineBars {...{ layout, best, total, epsilon, intruders, highlighted }} />
            <CosineSplit layout={layout} rows={cells.rows} k={k} />
          </svg>
        </>
      );
    },
    [cells, theme, best, total, epsilon, k, side, intruders, highlighted],
  );
  const tips = useCallback(
    (size: Size) => mapTips(mapLayout(size, cells), { cells, best, side, intruders, onRank }),
    [cells, best, side, intruders, onRank],
  );
  return (
    <ChartFigure name={name} title="Cosine similarity" label={label} table={table} tips={tips} minHeight={200}>
      {draw}
    </ChartFigure>
  );
}

function MapPixels({ layout, cells, theme }: { layout: MapLayout; cells: CosineCells; theme: ThemeName }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { map } = layout;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context) return;
    const { values, width } = pixelColumns(cells, map.width * (window.devicePixelRatio || 1));
    canvas.current.width = width;
    canvas.current.height = cells.rows;
    const pixels = colourPixels(values, colourTable("sequential", theme));
    context.putImageData(new ImageData(pixels, width, cells.rows), 0, 0);
  }, [cells, theme, map.width]);
  return (
    <canvas
      ref={canvas}
      className={styles.pixels}
      style={{ left: map.x, top: map.y, width: map.width, height: map.height }}
    />
  );
}

function mapTable(cells: CosineCells, best: readonly number[]) {
  return {
    columns: ["rank in W", "max |cos|", "strongest shown column", "|cos| there"],
    rows: Array.from({ length: cells.rows }, (_, row) => {
      const column = strongestColumn(cells, row);
      return [row + 1, best[row] ?? null, column + 1, cosineAt(cells, row, column)];
    }),
  };
}

interface TipSource {
  cells: CosineCells;
  best: readonly number[];
  side: "left" | "right";
  intruders: readonly number[];
  onRank: ((rank: number | undefined) => void) | undefined;
}

function mapTips(layout: MapLayout, { cells, best, side, intruders, onRank }: TipSource): Tips {
  const { map, rowHeight } = layout;
  const columnWidth = map.width / cells.columns;
  const place = (index: number) => ({ row: Math.floor(index / cells.columns), column: index % cells.columns });
  const letter = side === "left" ? "u" : "v";
  return {
    count: cells.rows * cells.columns,
    columns: cells.columns,
    at: (index) => {
      const { row, column } = place(index);
      return { x: map.x + (column + 0.5) * columnWidth, y: map.y + (row + 0.5) * rowHeight };
    },
    nearest: (px, py) => {
      const row = Math.floor((py - map.y) / rowHeight);
      const column = Math.floor((px - map.x) / columnWidth);
      if (row < 0 || row >= cells.rows || column < 0) return undefined;
      // On the bars the row's best shown column stands for the row.
      return row * cells.columns + (column < cells.columns ? column : strongestColumn(cells, row));
    },
    describe: (index) => {
      const { row, column } = place(index);
      const intruder = intruders.includes(row + 1);
      return {
        title: `${letter} ${row + 1} of W, ${letter}₀ ${column + 1}`,
        rows: [
          { label: "|cos|", value: formatCosine(cosineAt(cells, row, column)) },
          { label: "max |cos| of the row", value: formatCosine(best[row]), ...(intruder ? { tone: "intruder" } : {}) },
        ],
        standing: intruder ? "intruder, computed" : "computed",
      };
    },
    mark: (index) => {
      const { row, column } = place(index);
      return (
        <rect
          className={styles.cell}
          x={map.x + column * columnWidth - 1}
          y={map.y + row * rowHeight - 1}
          width={Math.max(columnWidth, 2) + 2}
          height={rowHeight + 2}
        />
      );
    },
    onActive: (index) => onRank?.(index === undefined ? undefined : place(index).row + 1),
  };
}

/** The sentence that names the map. */
export function mapSentence({
  cells,
  total,
  side,
  intruders,
  epsilon,
}: Pick<CosineMapProps, "cells" | "total" | "side" | "intruders" | "epsilon">): string {
  const shown = `top ${cells.rows} ${side} vectors of W and the first ${formatCount(cells.columns)} of ${formatCount(total)} base vectors`;
  const below = intruders.length === 0 ? "none of the tested ones stays" : `${intruders.length} stay`;
  return `Cosine similarity of the ${shown}; ${below} below ε ${formatThreshold(epsilon)}.`;
}
