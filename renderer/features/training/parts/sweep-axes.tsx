/** The axes of a stored sweep, and how many runs they make. */
import type { SweepDocument } from "../../../../src/contract/domain/training.ts";
import { formatNumberOf } from "../../../../src/contract/format.ts";
import { Chip } from "../../../widgets/chip.tsx";
import { FileText } from "../../../widgets/file-text.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { letterOf, variantsOf } from "../model/outcome.ts";
import { rateText, variantText } from "../model/words.ts";
import tablesStyles from "../tables.module.css";
import styles from "../training.module.css";
import { axisText } from "./axis-rows.tsx";

export function SweepAxes({ document }: { document: SweepDocument }) {
  const { cells, bestRates } = document;
  const unique = <Value,>(value: (cell: (typeof cells)[number]) => Value) => [...new Set(cells.map(value))];
  const variants = variantsOf(cells);
  const rates = variants.map((variant) => ({
    variant,
    rates: [...new Set(cells.filter((cell) => cell.variant === variant).map(({ learningRate }) => learningRate))],
  }));
  const rows: [string, string[]][] = [
    [
      "Label noise",
      unique(({ noise }) => noise)
        .sort((a, b) => a - b)
        .map((value) => axisText("noise", value)),
    ],
    ["Seeds", unique(({ seed }) => seed).map(String)],
    ["Examples", unique(({ subset }) => subset).map((value) => (value === null ? "all" : String(value)))],
  ];
  return (
    <Panel
      flush
      title="Grid"
      testId="grid"
      actions={
        <span className={styles.note}>
          <b>{formatNumberOf(cells.length, "run")}</b>
        </span>
      }
    >
      <table className={tablesStyles.axes}>
        <tbody>
          <tr>
            <th scope="row">Method, rank</th>
            <td>
              <div className={styles.chips}>
                {variants.map((variant) => (
                  <span
                    key={variant}
                    className={tablesStyles.variant}
                    style={{ color: `var(--run-${letterOf(cells, variant)})` }}
                  >
                    <FileText text={variantText(variant)} limit={20} />
                  </span>
                ))}
              </div>
            </td>
            <td className={tablesStyles.number}>{variants.length}</td>
          </tr>
          {rows.map(([name, values]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <div className={styles.chips}>
                  {values.map((value) => (
                    <Chip key={value} tone="accent">
                      {value}
                    </Chip>
                  ))}
                </div>
              </td>
              <td className={tablesStyles.number}>{values.length}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">Learning rate</th>
            <td colSpan={2} className={styles.words}>
              {rates
                .map(({ variant, rates: own }) => `${variantText(variant)} ${own.map(rateText).join(", ")}`)
                .join(" · ")}
              {bestRates.length > 0 && rates.some(({ rates: own }) => own.length > 1) && (
                <>
                  {" "}
                  — best on held-out loss:{" "}
                  {bestRates.map((best) => `${variantText(best.variant)} ${rateText(best.learningRate)}`).join(", ")}
                </>
              )}
            </td>
          </tr>
        </tbody>
      </table>
    </Panel>
  );
}
