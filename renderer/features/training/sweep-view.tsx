/** Fine-tune, sweep: a grid of runs that fills in, its outcome with intervals, and what it says in words. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Job } from "../../../src/contract/domain/job.ts";
import type { SweepDocument } from "../../../src/contract/domain/training.ts";
import { formatNumberOf } from "../../../src/contract/format.ts";
import { ChartShelf } from "../../charts/chart-shelf.tsx";
import { OutcomeChart } from "../../charts/outcome-chart.tsx";
import { useEngine } from "../../client/engine.ts";
import { jobsQuery } from "../../client/queries.ts";
import { sweepQuery } from "../../client/training-queries.ts";
import { Chip } from "../../widgets/chip.tsx";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { ExportMenu } from "../../widgets/export-menu.tsx";
import { FileText } from "../../widgets/file-text.tsx";
import { KeptFocus } from "../../widgets/kept-focus.tsx";
import { Panel } from "../../widgets/panel.tsx";
import { Segmented } from "../../widgets/segmented.tsx";
import { StatusSlot } from "../../widgets/status-slot.tsx";
import liveStyles from "./live.module.css";
import { sweepOf } from "./model/jobs.ts";
import { axesOf, axisMeanings, formatWholePercent, outcomeMeanings, seriesOf } from "./model/outcome.ts";
import { outcomeWords, shownLeadChange } from "./model/outcome-words.ts";
import { fileName, stateTones, variantText } from "./model/words.ts";
import { GoOnButton, PauseButton } from "./parts/job-buttons.tsx";
import { FailedPage, LoadingPage } from "./parts/page-states.tsx";
import { useJobAct } from "./parts/queue-panel.tsx";
import { RunsGrid } from "./parts/runs-grid.tsx";
import { SweepAxes } from "./parts/sweep-axes.tsx";
import { SweepPlan } from "./parts/sweep-plan.tsx";
import { TrainingHead } from "./parts/tabs.tsx";
import { type OutcomeAxis, outcomes, type SweepSearch } from "./search.ts";
import styles from "./training.module.css";
import { useCompare } from "./use-compare.ts";
import { useSweepExports } from "./use-sweep-exports.ts";

const route = getRouteApi("/training/sweep/$id");

export function SweepView() {
  const { id } = route.useParams() as { id: string };
  // A key of its own: one sweep's parts are never another's.
  return id === "new" ? <SweepPlan /> : <StoredSweep key={id} id={id} />;
}

function StoredSweep({ id }: { id: string }) {
  const engine = useEngine();
  const { data, error, refetch } = useQuery(sweepQuery(engine, id));
  if (error && !data) return <FailedPage page="sweep" error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingPage page="sweep" heights={[160, 440]} />;
  return (
    <ChartShelf>
      <Sweep document={data} />
    </ChartShelf>
  );
}

function Sweep({ document }: { document: SweepDocument }) {
  const search = route.useSearch() as SweepSearch;
  const navigate = useNavigate();
  const change = (changes: Partial<SweepSearch>) =>
    void navigate({
      to: "/training/sweep/$id",
      params: { id: document.id },
      search: (before) => ({ ...(before as SweepSearch), ...changes }),
      replace: true,
      resetScroll: false,
    });
  const outcome = search.outcome ?? "accuracy";
  const axes = axesOf(document, outcome);
  const axis = axes.find((name) => name === search.x) ?? axes[0];
  const { spec, cells, state } = document;
  const done = cells.filter(({ run }) => run?.state === "finished").length;
  const base = cells.find(({ run }) => run)?.run?.config.base.path;
  return (
    <div className={styles.view} data-testid="sweep" data-state={state}>
      <TrainingHead page="sweep" actions={<SweepActions document={document} />}>
        <span className={styles.runName}>
          <FileText text={spec.name} limit={40} />
        </span>
        {base !== undefined && (
          <span className={styles.note}>
            <FileText text={fileName(base)} limit={32} />
          </span>
        )}
        <Chip tone={stateTones[state]}>
          {done} of {cells.length} done
        </Chip>
      </TrainingHead>
      <div className={styles.columnsWide}>
        <div className={styles.column}>
          <SweepAxes document={document} />
          <OutcomePanel document={document} search={search} axes={axes} axis={axis} onChange={change} />
        </div>
        <Panel
          title="Runs"
          testId="runs"
          actions={
            <span className={styles.note}>
              {outcomeMeanings[outcome].name}
              {outcomeMeanings[outcome].isShare && ", %"}
            </span>
          }
        >
          <div className={styles.scroll}>
            <RunsGrid cells={cells} outcome={outcome} />
          </div>
          <Words document={document} outcome={outcome} axis={axis} />
          <Follow document={document} />
        </Panel>
      </div>
      <StatusSlot side="right">
        <span>every run is analysed as it ends</span>
      </StatusSlot>
    </div>
  );
}

interface OutcomePanelProps {
  document: SweepDocument;
  search: SweepSearch;
  axes: readonly OutcomeAxis[];
  axis: OutcomeAxis | undefined;
  onChange: (changes: Partial<SweepSearch>) => void;
}

function OutcomePanel({ document, search, axes, axis, onChange }: OutcomePanelProps) {
  const outcome = search.outcome ?? "accuracy";
  const meaning = outcomeMeanings[outcome];
  const series = useMemo(() => (axis ? seriesOf(document, outcome, axis) : []), [document, outcome, axis]);
  const lead = useMemo(() => axis && shownLeadChange(series, axis), [series, axis]);
  const seeds = document.spec.axes.seed?.length ?? 1;
  const x = useMemo(() => axis && { caption: axisMeanings[axis].name, ...axisMeanings[axis] }, [axis]);
  const y = useMemo(
    () => ({
      caption: `${meaning.name}, mean of ${formatNumberOf(seeds, "seed")}, 95 % interval`,
      format: meaning.format,
      tick: meaning.isShare ? formatWholePercent : meaning.format,
      fromZero: outcome === "intruders",
      isShare: meaning.isShare,
    }),
    [meaning, seeds, outcome],
  );
  return (
    <Panel
      className={liveStyles.outcome}
      testId="outcome"
      title="Outcome"
      actions={
        <>
          {axes.length > 1 && axis && (
            <Segmented
              small
              label="Against"
              value={axis}
              options={axes.map((value) => ({ value, label: axisMeanings[value].name }))}
              onChange={(value) => onChange({ x: value })}
            />
          )}
          <Segmented
            small
            label="Measure"
            value={outcome}
            options={outcomes.map((value) => ({ value, label: outcomeMeanings[value].name }))}
            onChange={(value) => onChange({ outcome: value })}
          />
        </>
      }
    >
      {series.length === 0 || !x ? (
        <p className={styles.note}>{nothingWords(document, outcome)}</p>
      ) : (
        <OutcomeChart
          name={`sweep-${outcome}`}
          title={`${meaning.name} against ${x.caption}`}
          label={`${meaning.name} against ${x.caption}: ${formatNumberOf(series.length, "line")}, means over seeds with 95 % intervals.`}
          series={series}
          seeds={seeds}
          x={x}
          y={y}
          lead={lead}
        />
      )}
    </Panel>
  );
}

function nothingWords({ state, spec }: SweepDocument, outcome: SweepSearch["outcome"]): string {
  if ((outcome === "accuracy" || outcome === "oldTasks") && spec.tasks.length === 0)
    return "Not measured: the sweep names no task.";
  return state === "running" || state === "queued" ? "Points appear as runs end." : "No run has this measure.";
}

interface WordsProps {
  document: SweepDocument;
  outcome: NonNullable<SweepSearch["outcome"]>;
  axis: OutcomeAxis | undefined;
}

function Words({ document, outcome, axis }: WordsProps) {
  const sentences = axis ? outcomeWords(seriesOf(document, outcome, axis), outcome, axis) : [];
  const seeds = document.spec.axes.seed?.length ?? 1;
  return (
    <div className={liveStyles.plain} data-testid="words">
      {sentences.length > 0 && (
        <>
          <h3>In plain words</h3>
          <ul>
            {sentences.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </>
      )}
      <p className={styles.note}>
        {seeds > 1 ? `Intervals: t over ${formatNumberOf(seeds, "seed")}, 95 %.` : "One seed gives no interval."}{" "}
        Crossovers: straight lines between measured places, in brackets where the band of the difference crosses zero.
        {seeds > 1 && ` Open marks: fewer than ${seeds} seeds.`}
      </p>
    </div>
  );
}

/** A sweep as the Theory lab's setting: its ranks, its examples, the noise of labels as it is. */
function Follow({ document }: { document: SweepDocument }) {
  const compare = useCompare();
  const { cells } = document;
  const ranks = [
    ...new Set(cells.flatMap(({ run }) => (run && run.config.method !== "full" ? [run.config.lora.rank] : []))),
  ];
  const examples = cells.flatMap(({ subset }) => subset ?? [])[0];
  const finished = cells.flatMap(({ run, variant, seed }) => {
    const path = run?.outputs.find(({ kind }) => kind !== "log")?.path;
    return run && path !== undefined
      ? [{ base: run.config.base.path, path, label: `${variantText(variant)} s${seed}` }]
      : [];
  });
  return (
    <div className={liveStyles.follow}>
      <Button
        renderRoot={(props) => (
          <Link
            to="/theory"
            search={{
              ...(ranks.length > 0 && {
                ranks: ranks
                  .sort((a, b) => a - b)
                  .slice(0, mostRanks)
                  .join(","),
              }),
              ...(examples !== undefined && { n: examples }),
            }}
            {...props}
          />
        )}
      >
        Send to Theory lab
      </Button>
      <Button
        disabled={finished.length === 0}
        loading={compare.isPending}
        onClick={() => compare.mutate(finished.slice(0, mostCompared))}
      >
        Compare {finished.length > mostCompared ? `the first ${mostCompared}` : "all"}
      </Button>
      {compare.error && <ErrorCard error={toErrorDocument(compare.error)} />}
    </div>
  );
}

/** As many as the Theory lab and Compare show. */
const mostRanks = 5;
const mostCompared = 8;

function SweepActions({ document }: { document: SweepDocument }) {
  const engine = useEngine();
  const act = useJobAct();
  const exports = useSweepExports(document);
  const jobs = useQuery(jobsQuery(engine)).data ?? [];
  const job: Job | undefined = jobs.findLast((candidate) => sweepOf(candidate) === document.id);
  const running = job?.state === "running" || job?.state === "queued";
  // Printed commands only train: what they leave is measured here.
  const missing = document.cells.some(({ run, intruders }) => run?.state !== "finished" || intruders === null);
  return (
    <>
      {act.error && <span className={styles.bad}>{toErrorDocument(act.error).message}</span>}
      <Button renderRoot={(props) => <Link to="/training/sweep/$id" params={{ id: "new" }} {...props} />}>
        New sweep
      </Button>
      <ExportMenu groups={exports} />
      <KeptFocus state={document.state}>
        {running && job && (
          <PauseButton pending={act.isPending} onClick={() => act.mutate(() => engine.jobs.pause({ job: job.id }))} />
        )}
        {!running && missing && (
          <GoOnButton
            pending={act.isPending}
            onClick={() =>
              act.mutate(() =>
                job && job.state !== "finished"
                  ? engine.jobs.resume({ job: job.id })
                  : engine.jobs.start({ kind: "sweep", spec: { id: document.id } }),
              )
            }
          >
            Continue
          </GoOnButton>
        )}
      </KeptFocus>
    </>
  );
}
