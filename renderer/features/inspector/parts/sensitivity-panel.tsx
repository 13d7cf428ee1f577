/** How the count hangs on ε and k, and what the finding does not say. */

import type { ModuleRow } from "../../../../src/contract/domain/cells.ts";
import { formatCount, formatShare, formatThreshold } from "../../../../src/contract/format.ts";
import { Panel } from "../../../widgets/panel.tsx";
import { Term } from "../../../widgets/term.tsx";
import shared from "../inspector.module.css";
import { sensitivity } from "../model/sensitivity.ts";
import type { Place } from "../use-place.ts";
import styles from "./side.module.css";

interface SensitivityPanelProps {
  place: Place;
  row: ModuleRow;
}

export function SensitivityPanel({ place, row }: SensitivityPanelProps) {
  const { k, epsilon, side } = place.settings;
  const bounds = row.bounds[side];
  const rows = bounds ? sensitivity(bounds, bounds.lower.length, epsilon) : [];
  return (
    <Panel title={<Term name="epsilon">At other settings</Term>} testId="panel-sensitivity" className={shared.grow}>
      {rows.length > 0 && (
        <table className={styles.grid}>
          <caption className="visually-hidden">
            Intruders of this module by threshold and number of tested vectors
          </caption>
          <thead>
            <tr>
              <th scope="col">ε</th>
              {rows[0]?.cells.map((cell) => (
                <th key={cell.k} scope="col">
                  k {formatCount(cell.k)}
                </th>
              ))}
              <th scope="col">energy</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((line) => (
              <tr key={line.epsilon}>
                <th scope="row">{formatThreshold(line.epsilon)}</th>
                {line.cells.map((cell) => (
                  <td key={cell.k}>
                    <button
                      type="button"
                      className={styles.gridCell}
                      aria-pressed={cell.k === k && line.epsilon === epsilon}
                      aria-label={`ε ${formatThreshold(line.epsilon)}, k ${cell.k}: ${countText(cell)} intruders`}
                      onClick={() => place.change({ k: cell.k, eps: line.epsilon })}
                    >
                      {countText(cell)}
                    </button>
                  </td>
                ))}
                <td className={styles.quiet}>{formatShare(line.cells.at(-1)?.energy)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <h3 className={styles.subtitle}>What this does not say</h3>
      <ul className={styles.caveats}>
        <li>An intruder is a new direction, not damage. Whether old tasks suffer is not measured here.</li>
        <li>The count saturates at k, and ε is a convention: read both with the share of energy.</li>
      </ul>
    </Panel>
  );
}

/** "5", "5 + 1?" with an undecided one. */
function countText({ intruders, undecided }: { intruders: number; undecided: number }): string {
  return undecided === 0 ? formatCount(intruders) : `${intruders} + ${undecided}?`;
}
