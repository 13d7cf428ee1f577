/** Evaluate: tasks, items, checkpoints, λ points and arms, with the time it takes and what it can show. */
import { Button, Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import type { KnownTask } from "../../../../src/contract/api.ts";
import { tasksQuery } from "../../../client/audit-queries.ts";
import { useEngine } from "../../../client/engine.ts";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { Placeholder } from "../../../widgets/placeholder.tsx";
import styles from "../evaluate-sheet.module.css";
import { firstDraft, problemsOf, specOfDraft, withFound } from "../model/draft.ts";
import type { ForgettingModel } from "../use-forgetting.ts";
import { useStartAudit } from "../use-start-audit.ts";
import { EvaluatePlan } from "./evaluate-plan.tsx";
import { Checkpoints, Interventions, Sample } from "./evaluate-subjects.tsx";
import { EvaluateTasks } from "./evaluate-tasks.tsx";

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
  // A download brings the file of a task while the sheet is open.
  useEffect(() => setDraft((before) => withFound(before, known)), [known]);
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
        <EvaluateTasks draft={draft} onDraft={setDraft} problem={problems.tasks} onChoosing={onChoosing} />
        <Sample draft={draft} onDraft={setDraft} />
        <Checkpoints model={model} draft={draft} onDraft={setDraft} problem={problems.subjects} />
        <Interventions draft={draft} onDraft={setDraft} problems={problems} />
      </div>
      <footer className={styles.foot}>
        <EvaluatePlan spec={spec} />
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
