/** Fine-tune, live: how one run goes, from its stored lines; reloading shows the same. */
import { Button, Menu } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import type { Job } from "../../../src/contract/domain/job.ts";
import type { TrainingHistory, TrainingRun } from "../../../src/contract/domain/training.ts";
import { ChartShelf } from "../../charts/chart-shelf.tsx";
import { useEngine } from "../../client/engine.ts";
import { jobsQuery } from "../../client/queries.ts";
import { trainingRunQuery } from "../../client/training-queries.ts";
import { announce } from "../../widgets/announce.ts";
import { Chip } from "../../widgets/chip.tsx";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { FileText } from "../../widgets/file-text.tsx";
import { Notice } from "../../widgets/notice.tsx";
import { Placeholder } from "../../widgets/placeholder.tsx";
import { StatusSlot } from "../../widgets/status-slot.tsx";
import liveStyles from "./live.module.css";
import { stateTones } from "./model/words.ts";
import { CheckpointsPanel } from "./parts/checkpoints-panel.tsx";
import { GrowthPanels } from "./parts/growth-panels.tsx";
import { LogPanel } from "./parts/log-panel.tsx";
import { useJobAct } from "./parts/queue-panel.tsx";
import { RecipeFacts } from "./parts/recipe-facts.tsx";
import { RunStrip } from "./parts/run-strip.tsx";
import { SeriesPanels } from "./parts/series-panels.tsx";
import { TrainingHead } from "./parts/tabs.tsx";
import type { LiveSearch } from "./search.ts";
import styles from "./training.module.css";
import { runOf } from "./use-start.ts";

const route = getRouteApi("/training/run/$id");

export function LiveView() {
  const { id } = route.useParams() as { id: string };
  const engine = useEngine();
  const { data, error, refetch } = useQuery(trainingRunQuery(engine, id));
  if (error && !data) {
    return (
      <div className={styles.view}>
        <TrainingHead page="live" />
        <div className={styles.alone}>
          <ErrorCard
            error={toErrorDocument(error)}
            actions={
              <>
                <Button onClick={() => void refetch()}>Try again</Button>
                <Button renderRoot={(props) => <Link to="/training/history" {...props} />}>Show all runs</Button>
              </>
            }
          />
        </div>
      </div>
    );
  }
  if (!data) return <Skeleton />;
  return <Run history={data} />;
}

function Run({ history }: { history: TrainingHistory }) {
  const { run, warnings } = history;
  const search = route.useSearch() as LiveSearch;
  const navigate = useNavigate();
  const filter = (q: string) =>
    void navigate({
      to: "/training/run/$id",
      params: { id: run.id },
      search: (before) => ({ ...before, q: q || undefined }),
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
          {run.error && <ErrorCard error={run.error} />}
          {warnings.length > 0 && (
            <Notice
              tone="warn"
              title={`${warnings.length === 1 ? "Warning" : `${warnings.length} warnings`} of the trainer`}
            >
              {warnings.slice(-3).map(({ code, message }) => (
                <p key={`${code} ${message}`}>
                  <FileText text={message} limit={300} />
                </p>
              ))}
            </Notice>
          )}
          <RunStrip history={history} />
          <div className={styles.live}>
            <div className={styles.column}>
              <SeriesPanels history={history} />
              <GrowthPanels history={history} />
              <CheckpointsPanel history={history} />
            </div>
            <div className={styles.column}>
              <RecipeFacts run={run} />
              <LogPanel run={run.id} search={search.q ?? ""} onSearch={filter} />
            </div>
          </div>
        </div>
        <StatusSlot side="right">
          <span>closing the window keeps the run going</span>
        </StatusSlot>
      </div>
    </ChartShelf>
  );
}

function Skeleton() {
  return (
    <div className={styles.view}>
      <TrainingHead page="live" />
      <div className={styles.body} aria-hidden="true">
        <Placeholder height={58} />
        <Placeholder height={180} />
        <Placeholder height={260} />
      </div>
    </div>
  );
}

const active: readonly TrainingRun["state"][] = ["queued", "running", "stalled"];

function RunActions({ run }: { run: TrainingRun }) {
  const engine = useEngine();
  const queries = useQueryClient();
  const job = useJobOf(run);
  const act = useJobAct();
  const stop = useMutation({
    mutationFn: (checkpoint: boolean) => engine.training.stop({ run: run.id, checkpoint }),
    onSuccess: (_, checkpoint) => {
      announce(checkpoint ? "The run stops after this step and keeps a checkpoint." : "The run stops after this step.");
      void queries.invalidateQueries({ queryKey: ["training-run", run.id] });
    },
  });
  const problem = act.error ?? stop.error;
  return (
    <>
      {problem && (
        <Chip tone="bad">
          <FileText text={toErrorDocument(problem).message} limit={60} />
        </Chip>
      )}
      {active.includes(run.state) && (
        <>
          {job && (
            <Button
              leftSection={<IconPlayerPause size={14} stroke={1.4} aria-hidden="true" />}
              loading={act.isPending}
              onClick={() => act.mutate(() => engine.jobs.pause({ job: job.id }))}
            >
              Pause
            </Button>
          )}
          <Menu position="bottom-end" width={230}>
            <Menu.Target>
              <Button
                className={liveStyles.stop}
                loading={stop.isPending}
                leftSection={<IconPlayerStop size={14} stroke={1.4} aria-hidden="true" />}
              >
                Stop
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => stop.mutate(true)}>Stop and keep a checkpoint</Menu.Item>
              <Menu.Item onClick={() => stop.mutate(false)}>Stop without a checkpoint</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </>
      )}
      {resumable(run) && (
        <Button
          variant="filled"
          loading={act.isPending}
          leftSection={<IconPlayerPlay size={14} stroke={1.4} aria-hidden="true" />}
          onClick={() =>
            act.mutate(() =>
              job
                ? engine.jobs.resume({ job: job.id })
                : engine.jobs.start({ kind: "training", spec: { run: run.id } }),
            )
          }
        >
          Resume
        </Button>
      )}
    </>
  );
}

function resumable({ state, checkpoint }: TrainingRun): boolean {
  return state === "paused" || ((state === "cancelled" || state === "failed") && checkpoint !== null);
}

/** The newest job of a run that can still be acted on. */
function useJobOf(run: TrainingRun): Job | undefined {
  const engine = useEngine();
  const jobs = useQuery(jobsQuery(engine)).data ?? [];
  return jobs.findLast((job) => runOf(job) === run.id && job.state !== "finished");
}
