/** A sweep before it starts: axes, what every run is scored on, and how many runs that makes. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import type { DiskRoom, RunConfig } from "../../../../src/contract/domain/training.ts";
import { formatBytes, formatNumberOf, formatSeconds } from "../../../../src/contract/format.ts";
import { useEngine } from "../../../client/engine.ts";
import { environmentQuery, sweepPlanQuery, trainingRunsQuery } from "../../../client/training-queries.ts";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { Segmented } from "../../../widgets/segmented.tsx";
import { Standing } from "../../../widgets/standing.tsx";
import liveStyles from "../live.module.css";
import { sweepOf } from "../model/jobs.ts";
import { type Planned, readPlan, rolesOf, specOf, writePlan } from "../model/sweep-plan.ts";
import { usualSeconds } from "../model/usual-time.ts";
import { fileName, recipeFacts } from "../model/words.ts";
import type { SweepSearch } from "../search.ts";
import styles from "../training.module.css";
import { type DraftModel, useDraft } from "../use-draft.ts";
import { useQueueJob } from "../use-start.ts";
import { AxisRows } from "./axis-rows.tsx";
import { EnvironmentCard } from "./environment-card.tsx";
import { FieldProblems } from "./field-control.tsx";
import { PresetCards } from "./preset-cards.tsx";
import { RunsGrid } from "./runs-grid.tsx";
import { TrainingHead } from "./tabs.tsx";

const route = getRouteApi("/training/sweep/$id");
const planPause = 250;

export function SweepPlan() {
  const search = route.useSearch() as SweepSearch;
  const navigate = useNavigate();
  const change = useCallback(
    (changes: Partial<SweepSearch>) =>
      void navigate({
        to: "/training/sweep/$id",
        params: { id: "new" },
        search: (before) => ({ ...(before as SweepSearch), ...changes }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const write = useCallback((text: string | undefined) => change({ recipe: text }), [change]);
  const model = useDraft(search.recipe, write);
  const plan = useMemo(() => readPlan(search.axes), [search.axes]);
  const setPlan = (next: Planned) => change({ axes: writePlan(next) });
  const spec = useMemo(
    () => (model.config && model.startable ? specOf(plan, model.draft, model.config) : undefined),
    [plan, model.draft, model.config, model.startable],
  );
  return (
    <div className={styles.view} data-testid="sweep-plan">
      <TrainingHead page="sweep" actions={<StartSweep spec={spec} />}>
        <span className={styles.runName}>new sweep</span>
      </TrainingHead>
      <div className={styles.columnsWide}>
        <div className={styles.column}>
          <EnvironmentCard />
          <Grid plan={plan} onPlan={setPlan} spec={spec} model={model} />
        </div>
        <div className={styles.column}>
          <BaseRecipe model={model} />
          {model.config && <Scored plan={plan} onPlan={setPlan} config={model.config} />}
        </div>
      </div>
    </div>
  );
}

type Spec = ReturnType<typeof specOf>;

function StartSweep({ spec }: { spec: Spec }) {
  const engine = useEngine();
  const navigate = useNavigate();
  const queue = useQueueJob();
  const { data: environment } = useQuery(environmentQuery(engine));
  const start = useMutation({
    mutationFn: async (sweep: NonNullable<Spec>) => {
      const id = sweepOf(await queue({ kind: "sweep", spec: { sweep } }));
      if (id !== undefined) await navigate({ to: "/training/sweep/$id", params: { id }, search: {} });
    },
  });
  return (
    <>
      {start.error && <span className={styles.bad}>{toErrorDocument(start.error).message}</span>}
      <Button
        variant="filled"
        leftSection={<IconPlayerPlay size={14} stroke={1.4} aria-hidden="true" />}
        disabled={!spec || environment?.ready !== true}
        loading={start.isPending}
        onClick={() => spec && start.mutate(spec)}
      >
        Start sweep
      </Button>
    </>
  );
}

interface GridProps {
  plan: Planned;
  onPlan: (plan: Planned) => void;
  spec: Spec;
  model: DraftModel;
}

function Grid({ plan, onPlan, spec, model }: GridProps) {
  const engine = useEngine();
  const [asked] = useDebouncedValue(spec, planPause);
  const { data, error, isPlaceholderData } = useQuery(sweepPlanQuery(engine, asked));
  const [name, setName] = useState(plan.name);
  const cells = spec ? data?.cells : undefined;
  return (
    <>
      <Panel
        flush
        title="Grid"
        testId="grid"
        className={styles.wrapping}
        actions={<Size cells={cells?.length} disk={data?.disk} config={model.config} />}
      >
        <div className={styles.padded}>
          <TextInput
            label="Name"
            placeholder="sweep"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            onBlur={() => onPlan({ ...plan, name })}
          />
        </div>
        <AxisRows plan={plan} onPlan={onPlan} />
        {error && (
          <div className={styles.padded}>
            <ErrorCard error={toErrorDocument(error)} />
          </div>
        )}
      </Panel>
      {cells && cells.length > 0 && (
        <Panel
          title="Runs"
          testId="planned-runs"
          actions={<span className={styles.note}>the first seed of every cell runs first</span>}
        >
          <div data-stale={isPlaceholderData || undefined} className={styles.scroll}>
            <RunsGrid cells={cells} outcome="accuracy" />
          </div>
        </Panel>
      )}
    </>
  );
}

/** Size of the grid, the disk it takes, and its time from runs of the same base that are finished. */
interface SizeProps {
  cells: number | undefined;
  disk: DiskRoom | undefined;
  config: RunConfig | undefined;
}

function Size({ cells, disk, config }: SizeProps) {
  const engine = useEngine();
  const { data: runs = [] } = useQuery(trainingRunsQuery(engine));
  const seconds = config && usualSeconds(runs, config);
  if (cells === undefined) return <span className={styles.note}>not complete yet</span>;
  return (
    <span className={styles.note}>
      <b>{formatNumberOf(cells, "run")}</b>
      {disk && (
        <span className={disk.neededBytes > disk.freeBytes ? styles.bad : undefined} data-testid="sweep-disk">
          {" "}
          · disk ≈ {formatBytes(disk.neededBytes)} of {formatBytes(disk.freeBytes)} free
        </span>
      )}
      {seconds === undefined ? (
        " · time known after the first run of this base"
      ) : (
        <>
          {" "}
          · about {formatSeconds(seconds)} each, {formatSeconds(seconds * cells)} in all <Standing value="estimated" />
        </>
      )}
    </span>
  );
}

function BaseRecipe({ model }: { model: DraftModel }) {
  const { config, resolution } = model;
  const errors = resolution?.problems.filter(({ level }) => level === "error") ?? [];
  return (
    <Panel
      title="Recipe of every run"
      actions={
        <Link
          className={styles.link}
          to="/training/new"
          search={(before) => ({ recipe: (before as SweepSearch).recipe })}
        >
          Change its values
        </Link>
      }
    >
      <div className={styles.stack}>
        {model.error != null && <ErrorCard error={toErrorDocument(model.error)} />}
        <FieldProblems problems={errors} />
        <PresetCards model={model} />
        {config && (
          <dl className={liveStyles.facts}>
            {recipeFacts(config).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <FileText text={value} limit={80} />
                </dd>
              </div>
            ))}
          </dl>
        )}
      </div>
    </Panel>
  );
}

const keepWords = { all: "every run", best: "the best of each method", spectra: "spectra only" } as const;

function Scored({ plan, onPlan, config }: { plan: Planned; onPlan: (plan: Planned) => void; config: RunConfig }) {
  const tasks = rolesOf(plan, config);
  const turn = (file: string, role: "new" | "retain") => {
    const fresh = tasks.filter((task) => (task.file === file ? role : task.role) === "new").map((task) => task.file);
    onPlan({ ...plan, fresh });
  };
  return (
    <Panel title="After each run">
      <div className={styles.stack}>
        {tasks.length === 0 && <p className={styles.note}>The recipe names no task, so accuracies are not measured.</p>}
        {tasks.map(({ file, role }) => (
          <div key={file} className={liveStyles.task}>
            <FileText text={fileName(file)} limit={32} mono />
            <Segmented
              small
              label={`Role of ${fileName(file)}`}
              value={role}
              options={[
                { value: "new", label: "new" },
                { value: "retain", label: "old" },
              ]}
              onChange={(next) => turn(file, next)}
            />
          </div>
        ))}
        <NativeSelect
          label="Keep weights of"
          data={Object.entries(keepWords).map(([value, label]) => ({ value, label }))}
          value={plan.keep}
          onChange={(event) => onPlan({ ...plan, keep: event.currentTarget.value as Planned["keep"] })}
        />
        <p className={styles.note}>Intruders and effective rank are measured on every run; tasks give accuracies.</p>
      </div>
    </Panel>
  );
}
