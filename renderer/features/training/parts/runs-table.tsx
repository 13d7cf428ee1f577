/** The runs of a workspace, hundreds of them: a filter, a fixed head, and as rows those in sight. */
import { TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { memo, useDeferredValue, useMemo, useRef } from "react";
import type { TrainingRun } from "../../../../src/contract/domain/training.ts";
import { formatCount, formatLoss, formatMoment, formatSeconds } from "../../../../src/contract/format.ts";
import { Chip } from "../../../widgets/chip.tsx";
import { FileText } from "../../../widgets/file-text.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { useTypedText } from "../../../widgets/use-typed-text.ts";
import { RowGap, useVisibleRows } from "../../../widgets/visible-rows.tsx";
import styles from "../history.module.css";
import { fileName, methodText, rateText, stateTones } from "../model/words.ts";
import tablesStyles from "../tables.module.css";
import trainingStyles from "../training.module.css";

const wordColumns = ["Name", "State", "Base", "Method"];
const numberColumns = ["Rate", "Seed", "Step", "Loss", "Started", "Took"];
const columns = wordColumns.length + numberColumns.length;
const rowHeight = 30;

interface RunsTableProps {
  runs: readonly TrainingRun[];
  q: string;
  onFilter: (text: string) => void;
}

export function RunsTable({ runs, q, onFilter }: RunsTableProps) {
  const [typed, setTyped] = useTypedText(q, onFilter);
  // Typing goes before the rows that it leaves.
  const asked = useDeferredValue(q);
  const shown = useMemo(() => runsWith(runs, asked), [runs, asked]);
  return (
    <Panel
      flush
      title={
        <span className={trainingStyles.titleRow}>
          Runs{" "}
          <span className={trainingStyles.note}>
            {shown.length < runs.length ? `${formatCount(shown.length)} of ` : ""}
            {formatCount(runs.length)}
          </span>
        </span>
      }
      testId="runs"
      className={styles.runs}
      actions={
        <TextInput
          type="search"
          size="xs"
          data-filter
          aria-label="Filter runs"
          placeholder="Filter"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      }
    >
      <Rows runs={shown} />
      {shown.length === 0 && <p className={trainingStyles.padded}>No run has these words.</p>}
    </Panel>
  );
}

const Rows = memo(function Rows({ runs }: { runs: readonly TrainingRun[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const { rows, above, below } = useVisibleRows(scroller, {
    ...{ count: runs.length, rowHeight },
    keyOf: (index) => runs[index]?.id ?? "",
  });
  return (
    <div className={styles.scroller} ref={scroller}>
      <table className={`${tablesStyles.table} ${styles.table}`} aria-rowcount={runs.length + 1}>
        <HistoryHead words={wordColumns} numbers={numberColumns} />
        <tbody>
          <RowGap height={above} columns={columns} />
          {rows.map(({ index, key }) => {
            const run = runs[index];
            return run && <RunRow key={key} run={run} index={index} />;
          })}
          <RowGap height={below} columns={columns} />
        </tbody>
      </table>
    </div>
  );
});

/** Columns of words stand at the left, those of numbers at the right. */
export function HistoryHead({ words, numbers }: { words: readonly string[]; numbers: readonly string[] }) {
  return (
    <thead>
      <tr>
        {words.map((name) => (
          <th key={name} scope="col" data-words>
            {name}
          </th>
        ))}
        {numbers.map((name) => (
          <th key={name} scope="col">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** Runs that have every word somewhere. */
function runsWith(runs: readonly TrainingRun[], text: string): readonly TrainingRun[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0 ? runs : runs.filter((run) => words.every((word) => searched(run).includes(word)));
}

function searched({ name, id, state, config }: TrainingRun): string {
  return [name, id, state, fileName(config.base.path), methodText(config), ...config.tags].join(" ").toLowerCase();
}

const RunRow = memo(function RunRow({ run, index }: { run: TrainingRun; index: number }) {
  const { id, name, state, config, step, steps, finalLoss, startedAt } = run;
  return (
    <tr data-testid={`run-${id}`} aria-rowindex={index + 2}>
      <th scope="row" data-words>
        <Link className={trainingStyles.link} to="/training/run/$id" params={{ id }}>
          <FileText text={name || id} limit={48} />
        </Link>
      </th>
      <td data-words>
        <Chip tone={stateTones[state]}>{state}</Chip>
      </td>
      <td data-words>
        <FileText text={fileName(config.base.path)} limit={32} />
      </td>
      <td data-words>{methodText(config)}</td>
      <td>{rateText(config.learning_rate)}</td>
      <td>{config.seed}</td>
      <td>
        {formatCount(step)}
        {steps !== null && ` of ${formatCount(steps)}`}
      </td>
      <td>{formatLoss(finalLoss)}</td>
      <td>{startedAt === null ? "–" : formatMoment(startedAt)}</td>
      <td>{took(run)}</td>
    </tr>
  );
});

function took({ startedAt, finishedAt }: TrainingRun): string {
  if (startedAt === null || finishedAt === null) return "–";
  return formatSeconds((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000);
}
