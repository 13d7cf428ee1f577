/** Evaluate: tasks, items, checkpoints, λ points and arms, with the time it takes and what it can show. */
import { Button, Checkbox, Drawer, NumberInput, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import type { KnownTask } from "../../../../src/contract/api.ts";
import type { AuditSpec } from "../../../../src/contract/domain/audit.ts";
import {
  formatBytes,
  formatCount,
  formatNumberOf,
  formatPoints,
  formatSeconds,
} from "../../../../src/contract/format.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { auditPlanQuery, tasksQuery } from "../../../client/audit-queries.ts";
import { useEngine } from "../../../client/engine.ts";
import { FolderSheet } from "../../../sheets/folder-sheet.tsx";
import { useTold } from "../../../sheets/use-told.ts";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { Placeholder } from "../../../widgets/placeholder.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { Segmented } from "../../../widgets/segmented.tsx";
import { Term } from "../../../widgets/term.tsx";
import styles from "../evaluate-sheet.module.css";
import {
  changeTask,
  type Draft,
  type DraftProblems,
  type DraftTask,
  firstDraft,
  problemsOf,
  specOfDraft,
  withFile,
} from "../model/draft.ts";
import { allArms, usualLambdas } from "../model/question.ts";
import { armMeanings, armNames } from "../model/sweep.ts";
import type { ForgettingModel } from "../use-forgetting.ts";
import { useStartAudit } from "../use-start-audit.ts";

/** Files that hold items or the public data of a task. */
const itemFiles = [".jsonl", ".json"];
const dataFiles = [".jsonl", ".json", ".parquet"];

export function EvaluateSheet({ model }: { model: ForgettingModel }) {
  const opened = model.search.sheet === "evaluate";
  const close = () => model.change({ sheet: undefined }, true);
  const [choosing, setChoosing] = useState(false);
  return (
    <Drawer
      opened={opened}
      onClose={close}
      title="Evaluate"
      size={520}
      padding={0}
      // Escape closes the layer on top only.
      closeOnEscape={!choosing}
    >
      {opened && model.base && <Loaded model={model} base={model.base.path} onClose={close} onChoosing={setChoosing} />}
    </Drawer>
  );
}

interface LoadedProps {
  model: ForgettingModel;
  base: string;
  onClose: () => void;
  /** A file is being chosen over the sheet. */
  onChoosing: (choosing: boolean) => void;
}

function Loaded(props: LoadedProps) {
  const engine = useEngine();
  const known = useQuery(tasksQuery(engine));
  if (known.error) {
    return (
      <div className={styles.body}>
        <ErrorCard
          error={toErrorDocument(known.error)}
          actions={<Button onClick={() => void known.refetch()}>Try again</Button>}
        />
      </div>
    );
  }
  if (!known.data) {
    return (
      <div className={styles.body}>
        <Placeholder height={400} />
      </div>
    );
  }
  return <Form {...props} known={known.data} />;
}

function Form({ model, base, known, onClose, onChoosing }: LoadedProps & { known: readonly KnownTask[] }) {
  const { question, family, shown } = model;
  const [draft, setDraft] = useState(() => firstDraft(known, question, shown.length > 0 ? shown : family, base));
  const problems = problemsOf(draft);
  const spec = useMemo(() => specOfDraft(draft, family, base, question), [draft, family, base, question]);
  const start = useStartAudit();
  const submit = async () => {
    if (!spec) return;
    await start.mutateAsync(spec);
    const runs = family.filter(({ path, run }) => run && draft.subjects.includes(path)).map(({ id }) => id);
    onClose();
    model.change({ sheet: undefined, ...(runs.length > 0 && { runs: runs.join(",") }) }, true);
  };
  return (
    <form
      className={styles.form}
      data-testid="evaluate-sheet"
      onSubmit={(event) => {
        event.preventDefault();
        void submit().catch(() => undefined);
      }}
    >
      <div className={styles.body}>
        <Tasks draft={draft} onDraft={setDraft} problem={problems.tasks} onChoosing={onChoosing} />
        <Sample draft={draft} onDraft={setDraft} />
        <Checkpoints model={model} draft={draft} onDraft={setDraft} problem={problems.subjects} />
        <Interventions draft={draft} onDraft={setDraft} problems={problems} />
      </div>
      <footer className={styles.foot}>
        <Plan spec={spec} />
        {start.error && <ErrorCard error={toErrorDocument(start.error)} />}
        <div className={styles.actions}>
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" variant="filled" disabled={!spec} loading={start.isPending}>
            Start evaluation
          </Button>
        </div>
      </footer>
    </form>
  );
}

interface PartProps {
  draft: Draft;
  onDraft: (draft: Draft) => void;
  problem?: string | undefined;
}

function Part({ title, problem, children }: { title: ReactNode; problem?: string | undefined; children: ReactNode }) {
  return (
    <fieldset className={styles.part}>
      <legend>{title}</legend>
      {children}
      {problem && (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  );
}

/** Rows of ready-made tasks that stand without a file at first; the others are one click away. */
function Tasks({ draft, onDraft, problem, onChoosing }: PartProps & Pick<LoadedProps, "onChoosing">) {
  const [all, setAll] = useState(false);
  const [asking, setAsking] = useState<"own" | string>();
  useTold(asking !== undefined, onChoosing);
  const ready = draft.tasks.filter(({ file, chosen }) => file !== undefined || chosen);
  const rest = draft.tasks.filter((task) => !ready.includes(task));
  const listed = all || ready.length === 0 ? draft.tasks : ready;
  const chosen = (paths: string[]) => {
    const [path] = paths;
    if (path === undefined || asking === undefined) return;
    onDraft(asking === "own" ? withFile(draft, path) : changeTask(draft, asking, { file: path, chosen: true }));
    setAsking(undefined);
  };
  return (
    <Part title="Tasks" problem={problem}>
      <ul className={styles.tasks}>
        {listed.map((task) => (
          <TaskRow
            key={task.name}
            task={task}
            onChange={(changes) => onDraft(changeTask(draft, task.name, changes))}
            onFile={() => setAsking(task.name)}
          />
        ))}
      </ul>
      <div className={styles.row}>
        <Button size="xs" onClick={() => setAsking("own")}>
          Add a file of items
        </Button>
        {rest.length > 0 && ready.length > 0 && (
          <Button size="xs" variant="subtle" onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? "Only tasks with a file" : `${formatNumberOf(rest.length, "ready-made task")}`}
          </Button>
        )}
      </div>
      <FolderSheet
        opened={asking !== undefined}
        onClose={() => setAsking(undefined)}
        onChosen={chosen}
        files={asking === "own" ? itemFiles : dataFiles}
      />
    </Part>
  );
}

interface TaskRowProps {
  task: DraftTask;
  onChange: (changes: Partial<DraftTask>) => void;
  onFile: () => void;
}

function TaskRow({ task, onChange, onFile }: TaskRowProps) {
  const { name, title, file, role, items, chosen, repository } = task;
  const shown = shortText(title, 40);
  return (
    <li className={styles.task} data-testid={`task-${name}`}>
      <Checkbox
        checked={chosen}
        onChange={(event) => onChange({ chosen: event.currentTarget.checked })}
        label={<FileText text={title} limit={40} />}
      />
      <span className={styles.file} title={file && shortText(file, 400)}>
        {items !== undefined && `${formatNumberOf(items, "item")} · `}
        {file === undefined ? (
          <button type="button" className={styles.link} onClick={onFile} aria-label={`Choose the file of ${shown}`}>
            choose its file
          </button>
        ) : (
          shortText(file.split(/[\\/]/).at(-1) ?? file, 28)
        )}
        {file === undefined && repository !== undefined && (
          <span title="Published on the Hugging Face Hub"> · {shortText(repository, 40)}</span>
        )}
      </span>
      <Segmented
        small
        label={`Role of ${shown}`}
        value={role}
        options={[
          { value: "new", label: "new" },
          { value: "retain", label: "old" },
        ]}
        onChange={(next) => onChange({ role: next })}
      />
    </li>
  );
}

function Sample({ draft, onDraft }: PartProps) {
  return (
    <Part title="Items of each task">
      <div className={styles.row}>
        <NumberInput
          className={styles.small}
          label="At most"
          placeholder="all"
          min={1}
          max={1_000_000}
          allowDecimal={false}
          value={draft.limit ?? ""}
          onChange={(value) =>
            onDraft({ ...draft, limit: typeof value === "number" && value >= 1 ? value : undefined })
          }
        />
        <NumberInput
          className={styles.small}
          label="Seed of the sample"
          min={0}
          max={2_147_483_647}
          allowDecimal={false}
          disabled={draft.limit === undefined}
          value={draft.seed}
          onChange={(value) => onDraft({ ...draft, seed: typeof value === "number" ? value : 0 })}
        />
      </div>
    </Part>
  );
}

function Checkpoints({ model, draft, onDraft, problem }: PartProps & { model: ForgettingModel }) {
  const toggle = (path: string, on: boolean) =>
    onDraft({ ...draft, subjects: on ? [...draft.subjects, path] : draft.subjects.filter((other) => other !== path) });
  return (
    <Part title="Checkpoints" problem={problem}>
      <p className={styles.note}>
        <RunBadge letter="0" /> The base <FileText text={model.base?.label ?? ""} limit={40} /> is always measured.
      </p>
      <div className={styles.checks}>
        {model.family.map(({ path, letter, label }) => (
          <Checkbox
            key={path}
            checked={draft.subjects.includes(path)}
            onChange={(event) => toggle(path, event.currentTarget.checked)}
            label={
              <>
                <RunBadge letter={letter} /> <FileText text={label} limit={26} />
              </>
            }
          />
        ))}
      </div>
    </Part>
  );
}

function Interventions({ draft, onDraft, problems }: Omit<PartProps, "problem"> & { problems: DraftProblems }) {
  const usual = usualLambdas.filter((lambda) => lambda !== 1).join(", ");
  const sweep = draft.lambdas.trim() !== "";
  const toggle = (arm: (typeof allArms)[number], on: boolean) =>
    onDraft({ ...draft, arms: allArms.filter((other) => (other === arm ? on : draft.arms.includes(other))) });
  return (
    <Part title={<Term name="lambda">λ sweep</Term>} problem={problems.arms}>
      <div className={styles.row}>
        <TextInput
          className={styles.lambdas}
          aria-label="λ values"
          placeholder="none"
          value={draft.lambdas}
          error={problems.lambdas}
          onChange={(event) => onDraft({ ...draft, lambdas: event.currentTarget.value })}
        />
        <Button size="sm" onClick={() => onDraft({ ...draft, lambdas: sweep ? "" : usual })}>
          {sweep ? "No sweep" : "Usual values"}
        </Button>
      </div>
      {sweep && (
        <>
          <div className={styles.checks}>
            {allArms.map((arm) => (
              <Checkbox
                key={arm}
                checked={draft.arms.includes(arm)}
                onChange={(event) => toggle(arm, event.currentTarget.checked)}
                label={<span title={armMeanings[arm]}>{armNames[arm]}</span>}
              />
            ))}
          </div>
          <div className={styles.row}>
            <span className={styles.note}>Intruders of each module</span>
            <Segmented
              small
              label="Intruders of each module"
              value={draft.which}
              options={[
                { value: "strongest", label: "strongest" },
                { value: "all", label: "all" },
              ]}
              onChange={(which) => onDraft({ ...draft, which })}
            />
          </div>
          <p className={styles.note}>
            λ = 1 is the run as trained. <Term name="control arm">Control arms</Term> say whether an effect is specific
            to intruders: without one, a sweep proves little.
          </p>
        </>
      )}
    </Part>
  );
}

/** A question is planned when typing has stopped for so long, in milliseconds. */
const planPause = 250;

function Plan({ spec }: { spec: AuditSpec | undefined }) {
  const engine = useEngine();
  const [asked] = useDebouncedValue(spec, planPause);
  const plan = useQuery(auditPlanQuery(engine, asked));
  if (!spec) return null;
  if (plan.error) return <ErrorCard error={toErrorDocument(plan.error)} />;
  if (!plan.data) return <Placeholder height={34} />;
  const { variants, items, stored, estimatedSeconds, peakMemoryBytes, detectable } = plan.data;
  return (
    <div className={styles.plan} data-testid="evaluate-plan" data-stale={plan.isPlaceholderData || undefined}>
      <p>
        {stored >= items ? (
          <b>Everything is stored; nothing has to run</b>
        ) : (
          <>
            <b>≈ {formatSeconds(estimatedSeconds)}</b> on this CPU · ≈ {formatBytes(peakMemoryBytes)} memory
          </>
        )}{" "}
        · {formatNumberOf(variants, "variant")}, {formatNumberOf(items, "item")}
        {stored > 0 && stored < items && `, ${formatCount(stored)} of them stored`}
      </p>
      <p className={styles.note}>
        Can show (80 % power):{" "}
        {detectable
          .map(
            ({ task, difference }) =>
              `${shortText(task, 20)} ${difference === null ? "–" : `${formatPoints(difference, 1).slice(1)} pp`}`,
          )
          .join(" · ")}
      </p>
    </div>
  );
}
