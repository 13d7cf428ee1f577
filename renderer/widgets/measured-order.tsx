/** Measured accuracy by rank beside the predicted order; a disagreement stands out as much as an agreement. */
import type { MeasuredOrder } from "../../src/contract/domain/theory.ts";
import { formatAccuracy } from "../../src/contract/format.ts";
import { shortText } from "../../src/contract/text.ts";
import styles from "./measured-order.module.css";
import { RunBadge } from "./run-badge.tsx";

interface MeasuredOrderProps {
  order: MeasuredOrder;
  /** Letters of runs by the ids of their analyses. */
  letters: ReadonlyMap<string, string>;
}

export function MeasuredOrderTable({ order: { rows, sentence, task, verdict }, letters }: MeasuredOrderProps) {
  return (
    <div data-testid="measured-order">
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col" className={styles.number}>
              Predicted
            </th>
            <th scope="col" className={styles.number}>
              Measured
            </th>
            <th scope="col" className={styles.number}>
              {shortText(task, 18)}, 95 %
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ analysis, label, r, predictedOrder, measuredOrder, accuracy, ci95 }) => {
            const letter = letters.get(analysis);
            return (
              <tr key={analysis} data-testid={`measured-${label}`}>
                <th scope="row" title={label}>
                  {letter && <RunBadge letter={letter} />} {r === null ? "FFT" : `r ${r}`}
                </th>
                <td className={styles.number}>{predictedOrder}</td>
                <td className={styles.number}>{measuredOrder}</td>
                <td className={styles.number}>
                  {formatAccuracy(accuracy)}{" "}
                  <span className={styles.interval}>
                    {formatAccuracy(ci95[0])}–{formatAccuracy(ci95[1])}
                  </span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className={styles.sentence} data-verdict={verdict}>
        {sentence}
      </p>
    </div>
  );
}
