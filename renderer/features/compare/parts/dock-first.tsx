/** Where to look first: the modules with most intruder energy, else those that changed most. */
import { useMemo } from "react";
import { formatNumberOf, formatShare } from "../../../../src/contract/format.ts";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import type { CompareModel } from "../compare-model.ts";
import { inBrush } from "../model/brush.ts";
import { outside } from "../model/grid.ts";
import { placeText, placeTitle } from "../model/selection.ts";
import { type TableRow, tableRows } from "../model/table-rows.ts";
import styles from "./dock-first.module.css";

/** As many as fit without scrolling. */
const mostModules = 6;

export function DockFirst({ compare }: { compare: CompareModel }) {
  const { tracks, decide, brush, chosenKinds, update } = compare;
  const first = useMemo(() => {
    const rows = tableRows(tracks, decide).filter(
      ({ row }) => inBrush(row.layer, brush) && (chosenKinds.length === 0 || chosenKinds.includes(row.kind)),
    );
    return strongest(rows);
  }, [tracks, decide, brush, chosenKinds]);
  if (first.length === 0) return null;
  const marked = (first[0]?.decision?.intruders ?? 0) > 0;
  return (
    <div>
      <h3 className={styles.title}>{marked ? "Most intruder energy" : "Largest relative change"}</h3>
      <ul className={styles.list}>
        {first.map(({ id, run, row, decision }) => {
          const place = { layer: row.layer ?? outside, kind: row.kind };
          return (
            <li key={id}>
              <button
                type="button"
                className={styles.item}
                onClick={() => update({ sel: placeText(place), at: run.id }, true)}
              >
                <RunBadge letter={run.letter} />
                <span className={styles.name}>{placeTitle(place).replace("Layer ", "L")}</span>
                <span className={marked ? styles.intruder : styles.quiet}>
                  {marked ? formatNumberOf(decision?.intruders ?? 0, "intruder") : ""}
                </span>
                <span className={styles.share}>{formatShare(marked ? decision?.energy : row.relative)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function strongest(rows: readonly TableRow[]): TableRow[] {
  const marked = rows.filter(({ decision }) => (decision?.intruders ?? 0) > 0);
  const weight = (row: TableRow) => (marked.length > 0 ? (row.decision?.energy ?? 0) : (row.row.relative ?? 0));
  return (marked.length > 0 ? marked : [...rows]).toSorted((a, b) => weight(b) - weight(a)).slice(0, mostModules);
}
