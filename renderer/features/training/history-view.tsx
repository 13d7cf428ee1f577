/** Fine-tune, history: every run and every sweep of the workspace, the newest first. */
import { Button } from "@mantine/core";
import { IconAdjustments } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import type { SweepSummary, TrainingRun } from "../../../src/contract/domain/training.ts";
import { formatCount, formatMoment, formatNumberOf } from "../../../src/contract/format.ts";
import { useEngine } from "../../client/engine.ts";
import { sweepsQuery, trainingRunsQuery } from "../../client/training-queries.ts";
import { Chip } from "../../widgets/chip.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { FileText } from "../../widgets/file-text.tsx";
import { Panel } from "../../widgets/panel.tsx";
import { Placeholder } from "../../widgets/placeholder.tsx";
import styles from "./history.module.css";
import { stateTones } from "./model/words.ts";
import { HistoryHead, RunsTable } from "./parts/runs-table.tsx";
import { TrainingHead } from "./parts/tabs.tsx";
import tablesStyles from "./tables.module.css";
import trainingStyles from "./training.module.css";

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
    <div className={trainingStyles.view} data-testid="training-history">
      <TrainingHead
        page="history"
        actions={
          <Button variant="filled" renderRoot={(props) => <Link to="/training/new" {...props} />}>
            New run
          </Button>
        }
      />
      <div className={trainingStyles.body}>
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
  return (
    <>
      {sweeps.length > 0 && <Sweeps sweeps={sweeps} />}
      <RunsTable runs={runs} q={q} onFilter={onFilter} />
    </>
  );
}

function Sweeps({ sweeps }: { sweeps: readonly SweepSummary[] }) {
  return (
    <Panel flush title="Sweeps" testId="sweeps" className={styles.sweeps}>
      <table className={tablesStyles.table}>
        <HistoryHead words={["Name", "State"]} numbers={["Done", "Asked"]} />
        <tbody>
          {sweeps.map(({ id, name, state, cells, finished, askedAt }) => (
            <tr key={id}>
              <th scope="row" data-words>
                <Link className={trainingStyles.link} to="/training/sweep/$id" params={{ id }}>
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
