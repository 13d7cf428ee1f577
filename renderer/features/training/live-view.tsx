/** Fine-tune, live: how one run goes, from its stored lines; reloading shows the same. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import type { TrainingHistory } from "../../../src/contract/domain/training.ts";
import { ChartShelf } from "../../charts/chart-shelf.tsx";
import { useEngine } from "../../client/engine.ts";
import { trainingRunQuery } from "../../client/training-queries.ts";
import { Chip } from "../../widgets/chip.tsx";
import { FileText } from "../../widgets/file-text.tsx";
import { StatusSlot } from "../../widgets/status-slot.tsx";
import { endWords, stateTones } from "./model/words.ts";
import { CheckpointsPanel } from "./parts/checkpoints-panel.tsx";
import { GrowthPanels } from "./parts/growth-panels.tsx";
import { LogPanel } from "./parts/log-panel.tsx";
import { FailedPage, LoadingPage } from "./parts/page-states.tsx";
import { RecipeFacts } from "./parts/recipe-facts.tsx";
import { RunActions } from "./parts/run-actions.tsx";
import { RunProblems } from "./parts/run-problems.tsx";
import { RunStrip } from "./parts/run-strip.tsx";
import { SeriesPanels } from "./parts/series-panels.tsx";
import { TrainingHead } from "./parts/tabs.tsx";
import type { LiveSearch } from "./search.ts";
import styles from "./training.module.css";

const route = getRouteApi("/training/run/$id");

export function LiveView() {
  const { id } = route.useParams() as { id: string };
  const engine = useEngine();
  const { data, error, refetch } = useQuery(trainingRunQuery(engine, id));
  if (error && !data) return <FailedPage page="live" error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingPage page="live" heights={[58, 172, 246]} />;
  return <Run key={id} history={data} />;
}

function Run({ history }: { history: TrainingHistory }) {
  const { run } = history;
  const search = route.useSearch() as LiveSearch;
  const navigate = useNavigate();
  const change = (changes: Partial<LiveSearch>) =>
    void navigate({
      to: "/training/run/$id",
      params: { id: run.id },
      search: (before) => ({ ...before, ...changes }),
      replace: true,
      resetScroll: false,
    });
  return (
    <ChartShelf>
      <div className={styles.view} data-testid="training-run" data-state={run.state}>
        <TrainingHead page="live" actions={<RunActions run={run} />}>
          <span className={styles.runName}>
            <FileText text={run.name || run.id} limit={48} />
          </span>
          <Chip tone={stateTones[run.state]}>{run.state}</Chip>
        </TrainingHead>
        <div className={styles.body}>
          <RunProblems history={history} onOutput={() => change({ log: "output" })} />
          <RunStrip history={history} />
          <div className={styles.live}>
            <div className={styles.column}>
              <SeriesPanels history={history} />
              <GrowthPanels history={history} />
              <CheckpointsPanel history={history} />
            </div>
            <div className={styles.column}>
              <RecipeFacts run={run} />
              <LogPanel history={history} search={search} onSearch={change} />
            </div>
          </div>
        </div>
        <StatusSlot side="right">
          <span>{endWords(run)}</span>
        </StatusSlot>
      </div>
    </ChartShelf>
  );
}
