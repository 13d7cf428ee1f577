/** Nothing is selected: what the runs add up to, and how to select. */
import { formatEffectiveRank, formatShare } from "../../../../src/contract/format.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { NumberCell } from "../../../widgets/number-cell.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { Term } from "../../../widgets/term.tsx";
import type { CompareModel } from "../compare-model.ts";
import { brushLabel } from "../model/brush.ts";
import { countedRows, totalsOf } from "../model/totals.ts";
import styles from "./dock.module.css";
import { DockFirst } from "./dock-first.tsx";
import measures from "./dock-measures.module.css";
import overview from "./dock-overview.module.css";

export function DockOverview({ compare }: { compare: CompareModel }) {
  const { tracks, brush, chosenKinds, decide } = compare;
  return (
    <>
      <div className={styles.head}>
        <h2 className={styles.title}>{brush ? brushLabel(brush) : "All layers"}</h2>
      </div>
      <p className={styles.note}>Select a cell to see its module in all runs.</p>
      <table className={`${measures.table} ${measures.dense}`}>
        <thead>
          <tr>
            <th scope="col" className={overview.run}>
              Run
            </th>
            <th scope="col" className={measures.number}>
              <Term name="intruder">Intr.</Term>
            </th>
            <th scope="col" className={measures.number}>
              <Term name="intruder energy">Energy</Term>
            </th>
            <th scope="col" className={measures.number}>
              <Term name="relative change">Change</Term>
            </th>
            <th scope="col" className={measures.number}>
              <Term name="effective rank">Rank</Term>
            </th>
          </tr>
        </thead>
        <tbody>
          {tracks.map(({ run, rows }) => {
            const totals = totalsOf(countedRows(rows, brush, chosenKinds), decide);
            const tone = totals.intruders ? "intruder" : "plain";
            return (
              <tr key={run.id}>
                <th scope="row" className={overview.name}>
                  <RunBadge letter={run.letter} /> <FileText text={run.label} limit={14} />
                </th>
                <td className={measures.number}>
                  <NumberCell text={totals.intruders === null ? "–" : String(totals.intruders)} tone={tone} />
                </td>
                <td className={measures.number}>
                  <NumberCell text={formatShare(totals.energy)} tone={tone} />
                </td>
                <td className={measures.number}>
                  <NumberCell text={formatShare(totals.relative)} />
                </td>
                <td className={measures.number}>
                  <NumberCell text={formatEffectiveRank(totals.effectiveRank)} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <DockFirst compare={compare} />
    </>
  );
}
