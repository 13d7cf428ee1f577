/** Why a run ended, or seems to stand still, and what can be done about it. */
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { TrainingHistory, TrainingRun } from "../../../../src/contract/domain/training.ts";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { FileText } from "../../../widgets/file-text.tsx";
import { Notice } from "../../../widgets/notice.tsx";
import { writeDraft } from "../model/recipe.ts";
import { changeAfter } from "../model/remedies.ts";
import { cloneOf } from "../model/words.ts";
import styles from "../training.module.css";

interface RunProblemsProps {
  history: TrainingHistory;
  /** Shows what the libraries wrote. */
  onOutput: () => void;
}

/** Warnings that are shown; the log has all of them. */
const fewWarnings = 3;

export function RunProblems({ history: { run, warnings }, onOutput }: RunProblemsProps) {
  const output = (
    <Button size="xs" onClick={onOutput}>
      Show output
    </Button>
  );
  return (
    <>
      {run.error && (
        <ErrorCard
          error={run.error}
          actions={
            <>
              <StartAgain run={run} />
              {output}
            </>
          }
        />
      )}
      {run.state === "stalled" && (
        <Notice tone="warn" title="The trainer has been silent for a while" actions={output} testId="stalled">
          <p>Nothing is ended for it: it may be loading, or wait for its disk. Stop ends it after its current step.</p>
        </Notice>
      )}
      {warnings.length > 0 && (
        <Notice
          tone="warn"
          title={`${warnings.length === 1 ? "Warning" : `${warnings.length} warnings`} of the trainer`}
        >
          {warnings.slice(-fewWarnings).map(({ at, code, message }) => (
            <p key={`${at} ${code} ${message}`}>
              <FileText text={message} limit={300} />
            </p>
          ))}
        </Notice>
      )}
    </>
  );
}

/** The way to a run that does not end the same way. */
function StartAgain({ run }: { run: TrainingRun }) {
  const change = changeAfter(run);
  const search = { recipe: writeDraft({ ...cloneOf(run.config), ...change?.values }) };
  return (
    <Link className={styles.link} to="/training/new" search={search}>
      {change?.words ?? "Change the recipe"}
    </Link>
  );
}
