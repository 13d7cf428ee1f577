/** Fine-tune, new run: the recipe at the left; memory, data and the queue at the right. */
import { Button } from "@mantine/core";
import { IconDeviceFloppy, IconFolderOpen, IconPlayerPlay } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import type { TrainingEnvironment } from "../../../src/contract/domain/training.ts";
import { formatNumberOf, formatSeconds } from "../../../src/contract/format.ts";
import { ChartShelf } from "../../charts/chart-shelf.tsx";
import { useEngine } from "../../client/engine.ts";
import { environmentQuery, trainingRunsQuery } from "../../client/training-queries.ts";
import { useHost } from "../../host/host.ts";
import { FolderSheet } from "../../sheets/folder-sheet.tsx";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { Kbd } from "../../widgets/kbd.tsx";
import { useKeys } from "../../widgets/keyboard.ts";
import { Panel } from "../../widgets/panel.tsx";
import { StatusSlot } from "../../widgets/status-slot.tsx";
import { optimiserFields, shownFields } from "./model/fields.ts";
import { hasSameLength, usualSeconds } from "./model/usual-time.ts";
import { DataSection, MeasureSection } from "./parts/data-section.tsx";
import { DeviceSection } from "./parts/device-section.tsx";
import { EnvironmentCard } from "./parts/environment-card.tsx";
import { FieldGrid, FieldProblems } from "./parts/field-control.tsx";
import { MemoryPanel } from "./parts/memory-panel.tsx";
import { ModelSection } from "./parts/model-section.tsx";
import { Differences, PresetCards } from "./parts/preset-cards.tsx";
import { PreviewPanel } from "./parts/preview-panel.tsx";
import { QueuePanel } from "./parts/queue-panel.tsx";
import { TrainingHead } from "./parts/tabs.tsx";
import formStyles from "./recipe.module.css";
import styles from "./training.module.css";
import { type DraftModel, useDraft } from "./use-draft.ts";
import { useStart } from "./use-start.ts";

const route = getRouteApi("/training/new");

export function NewRunView() {
  const { recipe } = route.useSearch() as { recipe?: string };
  const navigate = useNavigate();
  const write = useCallback(
    (text: string | undefined) =>
      void navigate({
        to: "/training/new",
        search: (before) => ({ ...before, recipe: text }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const model = useDraft(recipe, write);
  const engine = useEngine();
  const { data: environment } = useQuery(environmentQuery(engine));
  const start = useStart();
  const ready = environment?.ready === true;
  const begin = (follow: boolean) => {
    if (ready && !start.isPending) start.mutate({ draft: model.draft, follow });
  };
  useKeys("Fine-tune", [{ keys: "Ctrl+Enter", does: "Start the run", inInputs: true, run: () => begin(true) }]);
  const known = ready && model.config !== undefined && model.problemsOf("base").length === 0;
  return (
    <ChartShelf>
      <div className={styles.view} data-testid="training-new">
        <TrainingHead
          page="new"
          actions={<Actions model={model} ready={ready} pending={start.isPending} onStart={begin} />}
        />
        <div className={styles.columns}>
          <RecipePanel model={model} error={start.error} />
          <div className={styles.beside}>
            <EnvironmentCard />
            <MemoryPanel model={model} config={known ? model.config : undefined} />
            <PreviewPanel
              config={known ? model.config : undefined}
              waiting={ready ? undefined : "Shown when Python for training is ready."}
            />
            <QueuePanel />
          </div>
        </div>
        <Status model={model} environment={environment} />
      </div>
    </ChartShelf>
  );
}

interface ActionsProps {
  model: DraftModel;
  ready: boolean;
  pending: boolean;
  onStart: (follow: boolean) => void;
}

function Actions({ model, ready, pending, onStart }: ActionsProps) {
  const host = useHost();
  const { resolution } = model;
  const blocked = !ready || (model.settled && !model.startable);
  const save = () => {
    if (resolution) void host.save("recipe.yaml", new Blob([resolution.text], { type: "application/yaml" }));
  };
  return (
    <>
      <LoadRecipe model={model} />
      <Button
        leftSection={<IconDeviceFloppy size={14} stroke={1.4} aria-hidden="true" />}
        disabled={!resolution}
        onClick={save}
      >
        Save recipe
      </Button>
      <Button disabled={blocked} onClick={() => onStart(false)}>
        Add to queue
      </Button>
      <Button
        variant="filled"
        leftSection={<IconPlayerPlay size={14} stroke={1.4} aria-hidden="true" />}
        disabled={blocked}
        loading={pending}
        onClick={() => onStart(true)}
      >
        Start
      </Button>
    </>
  );
}

function LoadRecipe({ model }: { model: DraftModel }) {
  const engine = useEngine();
  const [choosing, setChoosing] = useState(false);
  const load = useMutation({
    mutationFn: (file: string) => engine.training.resolve({ file }),
    onSuccess: ({ recipe, preset }) => {
      model.replace({ ...(preset && { preset }), ...recipe });
      setChoosing(false);
    },
  });
  return (
    <>
      <Button
        leftSection={<IconFolderOpen size={14} stroke={1.4} aria-hidden="true" />}
        loading={load.isPending}
        onClick={() => setChoosing(true)}
      >
        Load recipe
      </Button>
      <FolderSheet
        opened={choosing}
        onClose={() => setChoosing(false)}
        files={[".yaml", ".yml", ".json"]}
        note={load.error ? toErrorDocument(load.error).message : "A recipe is a file with the values of a run."}
        onChosen={([file]) => file !== undefined && load.mutate(file)}
      />
    </>
  );
}

function RecipePanel({ model, error }: { model: DraftModel; error: unknown }) {
  const shown = model.resolution?.problems ?? [];
  const elsewhere = shown.filter(
    ({ field }) => !shownFields.some((own) => field === own || field.startsWith(`${own}.`)),
  );
  const failure = error ?? model.error;
  return (
    <Panel title="Recipe" testId="recipe" actions={<Differences model={model} />}>
      <form onSubmit={(event) => event.preventDefault()}>
        {failure != null && <ErrorCard error={toErrorDocument(failure)} />}
        <FieldProblems problems={elsewhere} />
        <PresetCards model={model} />
        <ModelSection model={model} />
        <DataSection model={model} />
        <section className={formStyles.section}>
          <h3>Optimiser</h3>
          <FieldGrid model={model} fields={optimiserFields} />
        </section>
        <DeviceSection model={model} />
        <MeasureSection model={model} />
      </form>
    </Panel>
  );
}

function Status({ model, environment }: { model: DraftModel; environment: TrainingEnvironment | undefined }) {
  const errors = model.resolution?.problems.filter(({ level }) => level === "error").length ?? 0;
  const engine = useEngine();
  const { data: runs = [] } = useQuery(trainingRunsQuery(engine));
  const { config, startable } = model;
  const seconds = startable && config ? usualSeconds(runs, config, hasSameLength(config)) : undefined;
  const packages = environment?.packages ?? {};
  const versions = ["python", "torch", "transformers", "peft"].flatMap((name) =>
    packages[name] === undefined ? [] : [`${name} ${packages[name]}`],
  );
  return (
    <>
      <StatusSlot side="left">
        <span>
          {errors > 0 ? (
            `${formatNumberOf(errors, "field needs", "fields need")} a look`
          ) : (
            <>
              <b>{model.startable ? "Ready" : ""}</b>
              {seconds !== undefined && ` · about ${formatSeconds(seconds)}, as runs like it took`}
            </>
          )}
        </span>
      </StatusSlot>
      <StatusSlot side="right">
        <span>
          {versions.length > 0 && `${versions.join(" · ")} · `}
          <Kbd keys={["Ctrl", "Enter"]} /> start
        </span>
      </StatusSlot>
    </>
  );
}
