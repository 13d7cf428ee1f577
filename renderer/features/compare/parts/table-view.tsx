/** One row per run and module: sorted, filtered, selected, copied. Only rows in sight are elements. */
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { formatCount } from "../../../../src/contract/format.ts";
import { CommandKeys } from "../../../widgets/command-keys.tsx";
import { CopyButton } from "../../../widgets/copy-button.tsx";
import { Kbd } from "../../../widgets/kbd.tsx";
import { commandKey } from "../../../widgets/key-commands.ts";
import { useKeys } from "../../../widgets/keyboard.ts";
import { StatusSlot } from "../../../widgets/status-slot.tsx";
import type { CompareModel } from "../compare-model.ts";
import { outside } from "../model/grid.ts";
import { columns, type TableRow } from "../model/table-rows.ts";
import { rowsAsTsv } from "../model/tsv.ts";
import { listOf } from "../search.ts";
import { ColumnsMenu } from "./columns-menu.tsx";
import { FilterField } from "./filter-field.tsx";
import { rowAddress } from "./inspector-address.ts";
import { ModuleTable, type ModuleTableHandle } from "./module-table.tsx";
import styles from "./table-view.module.css";
import { BrushChip, ViewSwitch } from "./toolbar.tsx";
import { useTableRows } from "./use-table-rows.ts";

export function TableView({ compare }: { compare: CompareModel }) {
  const { search, update } = compare;
  const table = useTableRows(compare);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState(() => selectedRow(compare, table.rows)?.id);
  const shown = useShownColumns(search.hide);
  const handle = useRef<ModuleTableHandle>(null);
  const navigate = useNavigate();
  const inspect = useCallback(
    (row: TableRow) => void navigate(rowAddress(compare, row.run, row.row)),
    [navigate, compare],
  );
  const toggle = useCallback((row: TableRow) => setMarked((before) => toggled(before, row.id)), []);
  const current = table.rows.findIndex(({ id }) => id === cursor);
  const moveTo = (index: number) => {
    const row = table.rows[Math.min(table.rows.length - 1, Math.max(0, index))];
    if (!row) return;
    setCursor(row.id);
    handle.current?.show(table.rows.indexOf(row));
  };
  const onCurrent = (act: (row: TableRow) => void) => () => {
    const row = table.rows[current];
    if (!row) return false;
    act(row);
    return true;
  };
  useKeys("Table", [
    { ...commandKey("table.next"), run: () => moveTo(current + 1) },
    { ...commandKey("table.previous"), run: () => moveTo(current - 1) },
    { keys: "ArrowDown", does: "Next row", run: () => moveTo(current + 1), always: true },
    { keys: "ArrowUp", does: "Row before", run: () => moveTo(current - 1), always: true },
    { keys: "Space", does: "Mark the row", run: onCurrent(toggle), always: true },
    { keys: "Enter", does: "Inspect the module", run: onCurrent(inspect), always: true },
    { ...commandKey("table.heatmap"), run: () => update({ as: undefined }) },
  ]);
  useEffect(() => {
    const index = table.rows.findIndex(({ id }) => id === cursor);
    if (index > 0) handle.current?.show(index);
    // Only at the start: later the cursor moves where it can be seen.
  }, []);
  const markedRows = useMemo(() => table.rows.filter(({ id }) => marked.has(id)), [table.rows, marked]);
  const copied = () => rowsAsTsv(markedRows.length > 0 ? markedRows : table.rows, shown);
  const first = markedRows[0];
  return (
    <div className={styles.view}>
      <div className={styles.tools} role="toolbar" aria-label="Table">
        <ViewSwitch compare={compare} />
        <FilterField compare={compare} />
        <BrushChip compare={compare} />
        {table.fresh > 0 && (
          <Button size="xs" variant="light" onClick={table.sortAgain}>
            {formatCount(table.fresh)} new, sort again
          </Button>
        )}
        <span className={styles.gap} />
        {markedRows.length > 0 && <span className={styles.note}>{formatCount(markedRows.length)} selected</span>}
        <Button size="xs" disabled={!first} onClick={() => first && inspect(first)}>
          Inspect
        </Button>
        <CopyButton variant="default" label="Copy rows" text={copied} />
        <ColumnsMenu hidden={listOf(search.hide)} shown={shown} onChange={(hide) => update({ hide }, true)} />
      </div>
      <ModuleTable
        ref={handle}
        rows={table.rows}
        columns={shown}
        sort={table.sort}
        onSort={table.setSort}
        cursor={cursor}
        onCursor={setCursor}
        marked={marked}
        onMark={toggle}
        onMarkAll={() => setMarked(marked.size > 0 ? new Set() : new Set(table.rows.map(({ id }) => id)))}
        onOpen={inspect}
        stale={compare.stale}
        empty={search.q ? "No module matches the filter." : "No module is measured yet."}
      />
      <StatusSlot side="right">
        <span>
          {formatCount(table.rows.length)} of {formatCount(table.total)} rows match
        </span>
        <span>
          <CommandKeys of={["table.next", "table.previous"]} /> move · <Kbd keys="Space" /> select ·{" "}
          <Kbd keys="Enter" /> inspect
        </span>
      </StatusSlot>
    </div>
  );
}

/** The module that was selected in the heatmap, in the run that held the keyboard. */
function selectedRow({ selected, at, runs }: CompareModel, rows: readonly TableRow[]): TableRow | undefined {
  const run = at ?? runs[0];
  return (
    selected &&
    rows.find(
      (row) => row.run === run && row.row.kind === selected.kind && (row.row.layer ?? outside) === selected.layer,
    )
  );
}

function toggled(before: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(before);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** Columns of the address: those named in `hide` change their state. */
function useShownColumns(hide: string | undefined) {
  return useMemo(() => {
    const changed = listOf(hide);
    return columns.filter(({ id, optional }) => (optional ?? false) === changed.includes(id));
  }, [hide]);
}
