/** Counts of intruders over ε × k, with the energy they hold; a click adopts both settings. */
import { useComputedColorScheme } from "@mantine/core";
import { useMemo, useState } from "react";
import { formatCount, formatShare, formatThreshold } from "../../../../src/contract/format.ts";
import { colourTable, inkOn, tableIndex } from "../../../charts/colour.ts";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { Segmented } from "../../../widgets/segmented.tsx";
import { Term } from "../../../widgets/term.tsx";
import type { CompareModel } from "../compare-model.ts";
import { gridKs, gridRows, type SensitivityCell, sensitivityGrid } from "../model/sensitivity.ts";
import { storedK } from "../model/test-settings.ts";
import { countedRows, totalsOf } from "../model/totals.ts";
import styles from "./sensitivity-table.module.css";

export function SensitivityTable({ compare }: { compare: CompareModel }) {
  const { tracks, brush, chosenKinds, settings, decide, update } = compare;
  const [chosen, setChosen] = useState<string>();
  const counted = useMemo(
    () =>
      tracks.map(({ run, rows }) => {
        const inSight = countedRows(rows, brush, chosenKinds);
        return { run, rows: inSight, intruders: totalsOf(inSight, decide).intruders ?? 0 };
      }),
    [tracks, brush, chosenKinds, decide],
  );
  const most = counted.toSorted((a, b) => b.intruders - a.intruders)[0];
  const shown = counted.find(({ run }) => run.id === chosen) ?? most;
  const stored = storedK(tracks.map(({ run }) => run));
  const ks = useMemo(() => gridKs(stored), [stored]);
  const rows = shown?.rows;
  const cells = useMemo(
    () => (rows ? sensitivityGrid(rows, gridRows(settings.epsilon), ks, settings.side) : []),
    [rows, settings.epsilon, settings.side, ks],
  );
  if (!shown) return null;
  return (
    <div className={styles.sensitivity}>
      <div className={styles.head}>
        <b>Sensitivity</b>
        <Segmented
          small
          label="Run of the sensitivity table"
          value={shown.run.id}
          options={counted.map(({ run }) => ({
            value: run.id,
            label: <RunBadge letter={run.letter} />,
            title: run.label,
          }))}
          onChange={setChosen}
        />
      </div>
      <SensitivityGrid cells={cells} ks={ks} settings={settings} onChoose={(k, eps) => update({ k, eps }, true)} />
      <div className={styles.note}>
        Intruders, and under them their <Term name="intruder energy">energy share</Term>: a count cannot exceed k per
        module, the share can still grow.
      </div>
    </div>
  );
}

interface SensitivityGridProps {
  cells: readonly (readonly SensitivityCell[])[];
  ks: readonly number[];
  settings: { k: number; epsilon: number };
  onChoose: (k: number, epsilon: number) => void;
}

function SensitivityGrid({ cells, ks, settings, onChoose }: SensitivityGridProps) {
  const table = colourTable("sequential", useComputedColorScheme("light"));
  const highest = cells.flat().reduce((most, { count }) => Math.max(most, count ?? 0), 1);
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">ε \ k</th>
          {ks.map((k) => (
            <th key={k} scope="col">
              {k}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {cells.map((row) => (
          <tr key={row[0]?.epsilon}>
            <th scope="row">{formatThreshold(row[0]?.epsilon ?? 0)}</th>
            {row.map((cell) => {
              const colour = table[tableIndex(((cell.count ?? 0) / highest) * 0.8)] ?? "transparent";
              const held = cell.k === settings.k && cell.epsilon === settings.epsilon;
              return (
                <td key={cell.k}>
                  <button
                    type="button"
                    className={`${styles.cell} ${held ? styles.held : ""}`}
                    style={{ background: colour, color: inkOn(colour) }}
                    aria-pressed={held}
                    onClick={() => onChoose(cell.k, cell.epsilon)}
                  >
                    <Hidden>{`ε ${formatThreshold(cell.epsilon)}, k ${cell.k}: `}</Hidden>
                    <b>{cell.undecided > 0 ? `≥ ${formatCount(cell.count)}` : formatCount(cell.count)}</b>
                    <Hidden> intruders, </Hidden>
                    <span>{formatShare(cell.energy)}</span>
                    <Hidden> of the energy</Hidden>
                  </button>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Words that only screen readers need: the table's heads say them to the eye. */
function Hidden({ children }: { children: string }) {
  return <span className="visually-hidden">{children}</span>;
}
