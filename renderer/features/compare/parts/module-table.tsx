/** The grid of rows under a fixed head; only rows in sight are elements. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, type Ref, useImperativeHandle, useMemo, useRef } from "react";
import { FileText } from "../../../widgets/file-text.tsx";
import { NumberCell } from "../../../widgets/number-cell.tsx";
import { RunBadge, runColour } from "../../../widgets/run-badge.tsx";
import type { SortKey } from "../model/sort.ts";
import type { Column, TableRow } from "../model/table-rows.ts";
import styles from "./module-table.module.css";

export interface ModuleTableHandle {
  show: (index: number) => void;
}

interface ModuleTableProps {
  ref: Ref<ModuleTableHandle>;
  rows: readonly TableRow[];
  columns: readonly Column[];
  sort: readonly SortKey[];
  onSort: (column: string, add: boolean) => void;
  cursor: string | undefined;
  onCursor: (id: string) => void;
  marked: ReadonlySet<string>;
  onMark: (row: TableRow) => void;
  onMarkAll: () => void;
  onOpen: (row: TableRow) => void;
  stale: boolean;
  empty: string;
}

const rowHeight = 31;
const rowsAhead = 12;
const checkWidth = 40;

export function ModuleTable(props: ModuleTableProps) {
  const { ref, rows, columns, sort, onSort, cursor, onCursor, marked, onMark, onMarkAll, onOpen, stale, empty } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: rowsAhead,
  });
  useImperativeHandle(ref, () => ({ show: (index) => virtual.scrollToIndex(index) }), [virtual]);
  const template = useMemo(() => gridTemplate(columns), [columns]);
  const minWidth = columns.reduce((sum, { width }) => sum + width, checkWidth);
  const largest = useMemo(() => rows.reduce((most, { row }) => Math.max(most, row.relative ?? 0), 0), [rows]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section ref={scroller} className={styles.panel} data-stale={stale || undefined} aria-label="Modules" tabIndex={0}>
      <table
        className={styles.table}
        style={{ minWidth }}
        aria-label="Modules of all runs"
        aria-rowcount={rows.length + 1}
      >
        <thead className={styles.heads}>
          <tr className={styles.head} style={{ gridTemplateColumns: template }}>
            <th scope="col" className={styles.check}>
              <input type="checkbox" aria-label="Select all rows" checked={marked.size > 0} onChange={onMarkAll} />
            </th>
            {columns.map((column) => (
              <Head key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody className={styles.body} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (!row) return null;
            return (
              <Row
                key={row.id}
                row={row}
                index={index}
                top={start}
                columns={columns}
                template={template}
                largest={largest}
                current={row.id === cursor}
                marked={marked.has(row.id)}
                onCursor={onCursor}
                onMark={onMark}
                onOpen={onOpen}
              />
            );
          })}
        </tbody>
      </table>
      {rows.length === 0 && <p className={styles.empty}>{empty}</p>}
    </section>
  );
}

function gridTemplate(columns: readonly Column[]): string {
  const tracks = columns.map(({ width }) => `minmax(${width}px, ${width}fr)`);
  return [`${checkWidth}px`, ...tracks].join(" ");
}

interface HeadProps {
  column: Column;
  sort: readonly SortKey[];
  onSort: ModuleTableProps["onSort"];
}

function Head({ column, sort, onSort }: HeadProps) {
  const place = sort.findIndex((key) => key.column === column.id);
  const key = sort[place];
  const direction = key && (key.descending ? "descending" : "ascending");
  return (
    <th scope="col" aria-sort={direction ?? "none"} className={column.numeric ? styles.number : styles.words}>
      <button
        type="button"
        className={`${styles.sort} ${key ? styles.sorted : ""}`}
        title="Sort; with Shift as a further key"
        onClick={(event) => onSort(column.id, event.shiftKey)}
      >
        {column.label}
        {key && <span aria-hidden="true">{` ${key.descending ? "↓" : "↑"}${sort.length > 1 ? place + 1 : ""}`}</span>}
      </button>
    </th>
  );
}

interface RowProps {
  row: TableRow;
  index: number;
  top: number;
  columns: readonly Column[];
  template: string;
  largest: number;
  current: boolean;
  marked: boolean;
  onCursor: (id: string) => void;
  onMark: (row: TableRow) => void;
  onOpen: (row: TableRow) => void;
}

const Row = memo(function Row(props: RowProps) {
  const { row, index, top, columns, template, largest, current, marked, onCursor, onMark, onOpen } = props;
  return (
    <tr
      aria-rowindex={index + 2}
      data-marked={marked}
      className={`${styles.row} ${current ? styles.current : ""}`}
      style={{ gridTemplateColumns: template, transform: `translateY(${top}px)` }}
      data-testid={`row-${row.run.letter}-${row.row.name}`}
      onClick={() => onCursor(row.id)}
      onDoubleClick={() => onOpen(row)}
    >
      <td className={styles.check}>
        <input
          type="checkbox"
          aria-label={`Select ${row.row.name} of run ${row.run.letter}`}
          checked={marked}
          onChange={() => onMark(row)}
        />
      </td>
      {columns.map((column) => (
        <td key={column.id} className={column.numeric ? styles.number : styles.words}>
          <Content column={column} row={row} largest={largest} />
        </td>
      ))}
    </tr>
  );
});

function Content({ column, row, largest }: { column: Column; row: TableRow; largest: number }) {
  const text = column.text(row);
  if (column.id === "run") {
    return (
      <>
        <RunBadge letter={row.run.letter} /> <FileText text={row.run.label} limit={26} />
      </>
    );
  }
  if (column.id === "kind") return <FileText text={text} limit={40} mono />;
  if (column.id === "shape") return <span className={styles.quiet}>{text}</span>;
  if (column.id === "change") return <Change row={row} text={text} largest={largest} />;
  if (!column.numeric) return <FileText text={text} limit={60} />;
  const intruder = column.id === "intruders" && (row.decision?.intruders ?? 0) > 0;
  return <NumberCell text={text} tone={intruder ? "intruder" : column.id === "time" ? "quiet" : "plain"} />;
}

/** The number with its share of the largest in the table. */
function Change({ row, text, largest }: { row: TableRow; text: string; largest: number }) {
  const share = largest > 0 ? (row.row.relative ?? 0) / largest : 0;
  return (
    <span className={styles.change}>
      {text}
      <span className={styles.bar} aria-hidden="true">
        <span style={{ width: `${share * 100}%`, background: runColour(row.run.letter) }} />
      </span>
    </span>
  );
}
