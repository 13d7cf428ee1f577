/** Frame of every chart: size, data table on D, and a place on the shelf for exports. */
import { type ReactNode, useRef, useState } from "react";
import styles from "./chart-figure.module.css";
import { ChartPlot } from "./chart-plot.tsx";
import { useShelved } from "./chart-shelf.tsx";
import type { ChartTable } from "./chart-table.ts";
import { ChartTableView } from "./chart-table-view.tsx";
import type { Tips } from "./tips.ts";
import { type Size, useSize } from "./use-size.ts";

export interface ChartFigureProps {
  /** File stem for exports. */
  name: string;
  title: string;
  /** The chart in one sentence. */
  label: string;
  table: ChartTable;
  minHeight?: number;
  tips?: (size: Size) => Tips;
  /** Draws the chart; must not depend on the active datum. */
  children: (size: Size) => ReactNode;
}

export function ChartFigure({ name, title, label, table, minHeight = 160, tips, children }: ChartFigureProps) {
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  const [measure, size] = useSize();
  const [asTable, setAsTable] = useState(false);
  const plot = useRef<HTMLDivElement>(null);
  useShelved(element, name, title, table);

  const leaveTable = () => {
    setAsTable(false);
    requestAnimationFrame(() => plot.current?.focus());
  };
  return (
    <figure className={styles.figure} style={{ minHeight }} ref={measure} data-chart={name}>
      {asTable && <ChartTableView title={title} table={table} onClose={leaveTable} />}
      <div className={styles.drawing} ref={setElement} style={asTable ? { visibility: "hidden" } : undefined}>
        {size && (
          <ChartPlot label={label} size={size} tips={tips} plot={plot} onTable={() => setAsTable(true)}>
            {children}
          </ChartPlot>
        )}
      </div>
    </figure>
  );
}
