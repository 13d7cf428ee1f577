/** The tree table: bases with their tuned items; one row has the cursor, any number is picked. */
import { useEffect, useRef } from "react";
import type { Job } from "../../../../src/contract/domain/job.ts";
import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import { RowGap, useVisibleRows } from "../../../widgets/visible-rows.tsx";
import type { LibraryGroup, TableRow } from "../model/groups.ts";
import type { Remedy } from "../model/item-state.ts";
import { GroupRow, ItemRow } from "./library-row.tsx";
import styles from "./library-table.module.css";

export interface LibraryTableProps {
  rows: readonly TableRow[];
  items: readonly LibraryItem[];
  jobs: readonly Job[];
  /** Id of the item or group that has the cursor. */
  cursor: string | undefined;
  picked: ReadonlySet<string>;
  onCursor: (id: string) => void;
  onPick: (item: LibraryItem) => void;
  onToggle: (group: LibraryGroup) => void;
  onOpen: (item: LibraryItem) => void;
  onRemedy: (item: LibraryItem, remedy: Remedy) => void;
}

const rowHeight = 33;

export function rowId(row: TableRow): string {
  return row.type === "item" ? row.item.id : row.group.id;
}

const columns = ["Name", "Kind", "Parameters", "dtype", "Layers", "r, α", "Size", "State", "Analysis"];
const numeric = new Set(["Parameters", "Layers", "r, α", "Size", "Analysis"]);
const classOf: Readonly<Record<string, string | undefined>> = {
  Name: styles.name,
  Kind: styles.kind,
  Parameters: styles.parameters,
  dtype: styles.dtype,
  Layers: styles.layers,
  "r, α": styles.rank,
  Size: styles.size,
  Analysis: styles.analysis,
};

export function LibraryTable({ rows, cursor, ...rest }: LibraryTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const {
    rows: drawn,
    above,
    below,
    scrollTo,
  } = useVisibleRows(scroller, {
    ...{ count: rows.length, rowHeight },
    keyOf: (index) => rowKey(rows[index]),
  });
  const cursorIndex = rows.findIndex((row) => rowId(row) === cursor);
  useCursorFocus(scroller, cursorIndex, scrollTo);
  return (
    <div className={styles.scroller} ref={scroller}>
      <table
        className={styles.table}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a tree of rows with a cursor is a treegrid
        role="treegrid"
        aria-label="Checkpoints and adapters"
        aria-rowcount={rows.length + 1}
        aria-multiselectable="true"
      >
        <colgroup>
          {columns.map((name) => (
            <col key={name} className={classOf[name]} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((name) => (
              <th key={name} scope="col" className={numeric.has(name) ? styles.number : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <RowGap height={above} columns={columns.length} />
          {drawn.map(({ index, key }) => {
            const row = rows[index];
            if (!row) return null;
            const focusable = index === Math.max(0, cursorIndex);
            const place = { index: index + 2, focusable, current: index === cursorIndex };
            return row.type === "group" ? (
              <GroupRow key={key} row={row} place={place} {...rest} />
            ) : (
              <ItemRow key={key} item={row.item} place={place} {...rest} />
            );
          })}
          <RowGap height={below} columns={columns.length} />
        </tbody>
      </table>
    </div>
  );
}

function rowKey(row: TableRow | undefined): string {
  return row ? rowId(row) : "";
}

/** The cursor's row is in sight, and has the focus whenever the table has it. */
function useCursorFocus(
  scroller: React.RefObject<HTMLDivElement | null>,
  index: number,
  scrollTo: (index: number) => void,
): void {
  const newest = useRef(scrollTo);
  newest.current = scrollTo;
  useEffect(() => {
    if (index < 0) return;
    newest.current(index);
    if (!scroller.current?.contains(document.activeElement)) return;
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`tr[aria-rowindex="${index + 2}"]`)?.focus({ preventScroll: true });
    });
  }, [index, scroller]);
}
