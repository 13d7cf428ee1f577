/** Saved checkpoints with what was measured of them; each can be opened in Compare, or several together. */
import { Button, Checkbox } from "@mantine/core";
import { useState } from "react";
import {
  formatAccuracy,
  formatBytes,
  formatCount,
  formatEffectiveRank,
  formatNumberOf,
  formatShare,
} from "../../../../src/contract/format.ts";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { Panel } from "../../../widgets/panel.tsx";
import { type CheckpointRow, checkpointRows, totalOf } from "../model/growth.ts";
import { isUnderWay } from "../model/words.ts";
import tablesStyles from "../tables.module.css";
import styles from "../training.module.css";
import { useCompare } from "../use-compare.ts";
import { inTurn } from "./in-turn.tsx";

/** As many runs as Compare shows. */
const mostCompared = 8;

export const CheckpointsPanel = inTurn(6, function Checkpoints({ history }) {
  const { run } = history;
  const rows = checkpointRows(history);
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const compare = useCompare();
  const sourceOf = ({ path, step }: CheckpointRow) => ({
    base: run.config.base.path,
    path,
    label: `${run.name || run.id} step ${step}`,
  });
  const picked = rows.filter(({ step }) => chosen.includes(step));
  const every = run.config.save.every;
  const toggle = (step: number, on: boolean) =>
    setChosen((before) => (on ? [...before, step].slice(-mostCompared) : before.filter((other) => other !== step)));
  return (
    <Panel
      flush
      testId="checkpoints"
      title={
        <span className={styles.titleRow}>
          Checkpoints{" "}
          <span className={styles.note}>
            {every === null ? "at the end" : `every ${formatNumberOf(every, "step")}`}
          </span>
        </span>
      }
      actions={
        <Button
          size="xs"
          disabled={picked.length === 0}
          loading={compare.isPending}
          onClick={() => compare.mutate(picked.map(sourceOf))}
        >
          Compare selected
        </Button>
      }
    >
      {compare.error && <ErrorCard error={toErrorDocument(compare.error)} />}
      {rows.length === 0 ? (
        <p className={styles.padded}>{isUnderWay(run) ? "None is saved yet." : "None was saved."}</p>
      ) : (
        <table className={tablesStyles.table}>
          <thead>
            <tr>
              <td />
              <th scope="col">Step</th>
              <th scope="col">Accuracy</th>
              <th scope="col">Intruders</th>
              <th scope="col">Effective rank</th>
              <th scope="col">Relative change</th>
              <th scope="col">Standing</th>
              <th scope="col">On disk</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row
                key={row.step}
                row={row}
                picked={chosen.includes(row.step)}
                onPick={(on) => toggle(row.step, on)}
                onOpen={() => compare.mutate([sourceOf(row)])}
              />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
});

interface RowProps {
  row: CheckpointRow;
  picked: boolean;
  onPick: (on: boolean) => void;
  onOpen: () => void;
}

function Row({ row, picked, onPick, onOpen }: RowProps) {
  const { step, bytes, accuracy, growth } = row;
  const intruders = growth && totalOf(growth);
  return (
    <tr data-picked={picked || undefined} data-testid={`checkpoint-${step}`}>
      <td>
        <Checkbox
          aria-label={`Select step ${step}`}
          checked={picked}
          onChange={(event) => onPick(event.currentTarget.checked)}
        />
      </td>
      <th scope="row">{formatCount(step)}</th>
      <td>{formatAccuracy(accuracy)}</td>
      <td className={intruders ? styles.intruder : undefined}>
        {intruders === undefined ? "–" : formatCount(intruders)}
      </td>
      <td>{formatEffectiveRank(growth?.effectiveRank.median)}</td>
      <td>{formatShare(growth?.relativeDelta)}</td>
      <td className={styles.words}>{growth ? "computed" : "not measured"}</td>
      <td>{formatBytes(bytes)}</td>
      <td>
        <button type="button" className={styles.link} onClick={onOpen} aria-label={`Open in Compare: step ${step}`}>
          Open in Compare
        </button>
      </td>
    </tr>
  );
}
