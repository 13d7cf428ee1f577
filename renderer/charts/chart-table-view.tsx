/** The data table of a chart, in the chart's own place. */
import { type KeyboardEvent, useEffect, useRef } from "react";
import { formatSignificant } from "../../src/contract/format.ts";
import type { ChartCell, ChartTable } from "./chart-table.ts";
import styles from "./chart-table-view.module.css";

/** Rows shown; the CSV holds all. */
const mostRows = 500;

interface ChartTableViewProps {
  title: string;
  table: ChartTable;
  onClose: () => void;
}

export function ChartTableView({ title, table, onClose }: ChartTableViewProps) {
  const region = useRef<HTMLDivElement>(null);
  useEffect(() => region.current?.focus(), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!["Escape", "d", "D"].includes(event.key) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    onClose();
  };
  const more = table.rows.length - mostRows;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section ref={region} className={styles.region} aria-label={`${title}, data`} tabIndex={0} onKeyDown={onKeyDown}>
      <table className={styles.table}>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.slice(0, mostRows).map((row) => (
            <tr key={row.join(" ")}>
              {row.map((cell, index) => (
                <td key={table.columns[index]}>{cellText(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p className={styles.more}>{more} more rows are in the CSV export.</p>}
    </section>
  );
}

function cellText(cell: ChartCell): string {
  if (typeof cell !== "number") return cell ?? "–";
  return Number.isInteger(cell) ? String(cell) : formatSignificant(cell, 4);
}
