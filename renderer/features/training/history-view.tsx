/** Fine-tune, history: every run and every sweep of the workspace, the newest first. */
import { Button, TextInput } from "@mantine/core";
import { IconAdjustments } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { memo, useDeferredValue } from "react";
import type { SweepSummary, TrainingRun } from "../../../src/contract/domain/training.ts";
import { formatCount, formatLoss, formatMoment, formatNumberOf, formatSeconds } from "../../../src/contract/format.ts";
import { useEngine } from "../../client/engine.ts";
import { sweepsQuery, trainingRunsQuery } from "../../client/training-queries.ts";
import { Chip } from "../../widgets/chip.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { FileText } from "../../widgets/file-text.tsx";
import { Panel } from "../../widgets/panel.tsx";
import { Placeholder } from "../../widgets/placeholder.tsx";
import { fileName, methodText, rateText, stateTones } from "./model/words.ts";
import { TrainingHead } from "./parts/tabs.tsx";
import tablesStyles from "./tables.module.css";
import styles from "./training.module.css";

const route = getRouteApi("/training/history");

export function HistoryView() {
  const engine = useEngine();
  const runs = useQuery(trainingRunsQuery(engine));
  const sweeps = useQuery(sweepsQuery(engine));
  const { q } = route.useSearch() as { q?: string };
  const navigate = useNavigate();
  const filter = (text: string) =>
    void navigate({
      to: "/training/history",
      search: (before) => ({ ...before, q: text || undefined }),
      replace: true,
      resetScroll: false,
    });
  const error = runs.error ?? sweeps.error;
  return (
    <div className={styles.view} data-testid="training-history">
      <TrainingHead
        page="history"
        actions={
          <Button variant="filled" renderRoot={(props) => <Link to="/training/new" {...props} />}>
            New run
          </Button>
        }
      />
      <div className={styles.body}>
        {error ? (
          <ErrorCard
            error={toErrorDocument(error)}
            actions={
              <Button
                onClick={() => {
                  void runs.refetch();
                  void sweeps.refetch();
                }}
              >
                Try again
              </Button>
            }
          />
        ) : runs.data && sweeps.data ? (
          <Lists runs={runs.data} sweeps={sweeps.data} q={q ?? ""} onFilter={filter} />
        ) : (
          <Placeholder height={240} />
        )}
      </div>
    </div>
  );
}

interface ListsProps {
  runs: readonly TrainingRun[];
  sweeps: readonly SweepSummary[];
  q: string;
  onFilter: (text: string) => void;
}

function Lists({ runs, sweeps, q, onFilter }: ListsProps) {
  // Typing goes before the hundreds of rows that it leaves.
  const asked = useDeferredValue(q);
  if (runs.length === 0 && sweeps.length === 0) {
    return (
      <EmptyState
        icon={<IconAdjustments size={24} stroke={1.4} aria-hidden="true" />}
        title="No fine-tune yet"
        sentence="A run that is started here stays in this list, with its recipe, its curves and its checkpoints."
        action={
          <Button variant="filled" renderRoot={(props) => <Link to="/training/new" {...props} />}>
            New run
          </Button>
        }
      />
    );
  }
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = runs.filter((run) => words.every((word) => searched(run).includes(word)));
  return (
    <>
      {sweeps.length > 0 && <Sweeps sweeps={sweeps} />}
      <Panel
        flush
        title={
          <span className={styles.titleRow}>
            Runs{" "}
            <span className={styles.note}>
              {shown.length < runs.length ? `${formatCount(shown.length)} of ` : ""}
              {formatCount(runs.length)}
            </span>
          </span>
        }
        testId="runs"
        actions={
          <TextInput
            type="search"
            size="xs"
            data-filter
            aria-label="Filter runs"
            placeholder="Filter"
            value={q}
            onChange={(event) => onFilter(event.currentTarget.value)}
          />
        }
      >
        <div className={styles.scroll}>
          <table className={tablesStyles.table}>
            <Head
              words={["Name", "State", "Base", "Method"]}
              numbers={["Rate", "Seed", "Step", "Loss", "Started", "Took"]}
            />
            <tbody>
              {shown.map((run) => (
                <RunRow key={run.id} run={run} />
              ))}
            </tbody>
          </table>
        </div>
        {shown.length === 0 && <p className={styles.padded}>No run has these words.</p>}
      </Panel>
    </>
  );
}

/** Columns of words stand at the left, those of numbers at the right. */
function Head({ words, numbers }: { words: readonly string[]; numbers: readonly string[] }) {
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

function searched({ name, id, state, config }: TrainingRun): string {
  return [name, id, state, fileName(config.base.path), methodText(config), ...config.tags].join(" ").toLowerCase();
}

const RunRow = memo(function RunRow({ run }: { run: TrainingRun }) {
  const { id, name, state, config, step, steps, finalLoss, startedAt } = run;
  return (
    <tr data-testid={`run-${id}`}>
      <th scope="row" data-words>
        <Link className={styles.link} to="/training/run/$id" params={{ id }}>
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

function Sweeps({ sweeps }: { sweeps: readonly SweepSummary[] }) {
  return (
    <Panel flush title="Sweeps" testId="sweeps">
      <table className={tablesStyles.table}>
        <Head words={["Name", "State"]} numbers={["Done", "Asked"]} />
        <tbody>
          {sweeps.map(({ id, name, state, cells, finished, askedAt }) => (
            <tr key={id}>
              <th scope="row" data-words>
                <Link className={styles.link} to="/training/sweep/$id" params={{ id }}>
                  <FileText text={name || id} limit={48} />
                </Link>
              </th>
              <td data-words>
                <Chip tone={stateTones[state]}>{state}</Chip>
              </td>
              <td>
                {formatCount(finished)} of {formatNumberOf(cells, "run")}
              </td>
              <td>{formatMoment(askedAt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
