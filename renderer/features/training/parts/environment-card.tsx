/** What training needs of Python: set up by the app, or an interpreter that the user names. */
import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { TrainingEnvironment } from "../../../../src/contract/domain/training.ts";
import { useEngine } from "../../../client/engine.ts";
import { settingsQuery } from "../../../client/queries.ts";
import { environmentQuery } from "../../../client/training-queries.ts";
import { announce } from "../../../widgets/announce.ts";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { Placeholder } from "../../../widgets/placeholder.tsx";
import formStyles from "../recipe.module.css";
import styles from "../training.module.css";

/** Nothing where training can start. */
export function EnvironmentCard() {
  const engine = useEngine();
  const { data, error, isPending, refetch } = useQuery(environmentQuery(engine));
  if (data?.ready) return null;
  if (isPending) return <Placeholder height={44} />;
  return (
    <Panel title="Python for training" testId="environment">
      <div className={styles.stack}>
        {error && (
          <ErrorCard
            error={toErrorDocument(error)}
            actions={<Button onClick={() => void refetch()}>Try again</Button>}
          />
        )}
        {data && <Missing environment={data} />}
        <SetUp />
        <OwnPython named={data?.managed === false ? (data.python ?? "") : ""} />
      </div>
    </Panel>
  );
}

function Missing({ environment: { problems } }: { environment: TrainingEnvironment }) {
  return (
    <>
      <p className={styles.words}>
        Training runs in a Python of its own, with torch, transformers and peft. Everything else of the app works
        without it.
      </p>
      {problems.map((problem) => (
        <ErrorCard key={`${problem.code} ${problem.message}`} tone="warn" error={problem} />
      ))}
    </>
  );
}

const stepWords = {
  space: "Looking for room on the disk",
  python: "Making the environment",
  packages: "Installing packages",
  probe: "Trying the new environment",
};

function SetUp() {
  const engine = useEngine();
  const queries = useQueryClient();
  const [progress, setProgress] = useState<{ step: keyof typeof stepWords; line: string }>();
  const prepare = useMutation({
    mutationFn: async () => {
      for await (const event of await engine.training.prepare()) {
        if (event.type === "progress") setProgress(event);
        else queries.setQueryData(environmentQuery(engine).queryKey, event.environment);
      }
    },
    onSuccess: () => announce("Python for training is ready."),
    onSettled: () => setProgress(undefined),
  });
  return (
    <div className={formStyles.setUp}>
      <Button variant="filled" loading={prepare.isPending} onClick={() => prepare.mutate()}>
        Set up Python
      </Button>
      <span className={styles.note} role="status">
        {progress ? (
          <>
            {stepWords[progress.step]} · <FileText text={progress.line} limit={90} mono />
          </>
        ) : (
          "Downloads about 3 to 6 GB of pinned packages into the app's own folder."
        )}
      </span>
      {prepare.error && <ErrorCard error={toErrorDocument(prepare.error)} />}
    </div>
  );
}

/** A Python that is there already is used as it is, never changed. */
function OwnPython({ named }: { named: string }) {
  const engine = useEngine();
  const queries = useQueryClient();
  const { data: settings } = useQuery(settingsQuery(engine));
  const [typed, setTyped] = useState<string>();
  const path = typed ?? settings?.python ?? named;
  const check = useMutation({
    mutationFn: async () => {
      const environment = await engine.training.environment({ python: path.trim(), refresh: true });
      if (!environment.ready) return environment;
      const saved = await engine.workspace.configure({ python: path.trim() });
      queries.setQueryData(settingsQuery(engine).queryKey, saved);
      queries.setQueryData(environmentQuery(engine).queryKey, environment);
      return environment;
    },
  });
  const problems = check.data && !check.data.ready ? check.data.problems : [];
  return (
    <form
      className={formStyles.ownPython}
      onSubmit={(event) => {
        event.preventDefault();
        if (path.trim() !== "") check.mutate();
      }}
    >
      <TextInput
        label="or a Python that has them (3.10 or later)"
        placeholder="/path/to/python"
        value={path}
        spellCheck={false}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Button type="submit" loading={check.isPending} disabled={path.trim() === ""}>
        Check and use
      </Button>
      {problems.map((problem) => (
        <ErrorCard key={`${problem.code} ${problem.message}`} tone="warn" error={problem} />
      ))}
      {check.error && <ErrorCard error={toErrorDocument(check.error)} />}
    </form>
  );
}
