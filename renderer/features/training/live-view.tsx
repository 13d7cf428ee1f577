/** Fine-tune, live: how one run goes, from its stored lines; reloading shows the same. */
import { Button, Menu } from "@mantine/core";
import { IconPlayerStop } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import type { Job } from "../../../src/contract/domain/job.ts";
import type { TrainingHistory, TrainingRun } from "../../../src/contract/domain/training.ts";
import { formatMoment, formatSeconds } from "../../../src/contract/format.ts";
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
import { StatusSlot } from "../../widgets/status-slot.tsx";
import liveStyles from "./live.module.css";
import { stateTones } from "./model/words.ts";
import { CheckpointsPanel } from "./parts/checkpoints-panel.tsx";
import { GrowthPanels } from "./parts/growth-panels.tsx";
import { GoOnButton, PauseButton } from "./parts/job-buttons.tsx";
import { LogPanel } from "./parts/log-panel.tsx";
import { FailedPage, LoadingPage } from "./parts/page-states.tsx";
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
  if (error && !data) return <FailedPage page="live" error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingPage page="live" heights={[58, 172, 246]} />;
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
          <span>{endWords(run)}</span>
        </StatusSlot>
      </div>
    </ChartShelf>
  );
}

function endWords({ state, startedAt, finishedAt }: TrainingRun): string {
  if (active.includes(state)) return "closing the window keeps the run going";
  if (startedAt === null || finishedAt === null) return "";
  return `${formatMoment(finishedAt)} · took ${formatSeconds((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000)}`;
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
            <PauseButton pending={act.isPending} onClick={() => act.mutate(() => engine.jobs.pause({ job: job.id }))} />
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
        <GoOnButton
          pending={act.isPending}
          onClick={() =>
            act.mutate(() =>
              job
                ? engine.jobs.resume({ job: job.id })
                : engine.jobs.start({ kind: "training", spec: { run: run.id } }),
            )
          }
        >
          Resume
        </GoOnButton>
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
