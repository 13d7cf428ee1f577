/** The recipe of a run in short, and the way to another one like it. */
import { Link } from "@tanstack/react-router";
import type { TrainingRun } from "../../../../src/contract/domain/training.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import liveStyles from "../live.module.css";
import { writeDraft } from "../model/recipe.ts";
import { cloneOf, recipeFacts } from "../model/words.ts";
import styles from "../training.module.css";

export function RecipeFacts({ run }: { run: TrainingRun }) {
  return (
    <Panel
      title="Recipe"
      testId="recipe-facts"
      actions={
        <Link className={styles.link} to="/training/new" search={{ recipe: writeDraft(cloneOf(run.config)) }}>
          Clone
        </Link>
      }
    >
      <dl className={liveStyles.facts}>
        {recipeFacts(run.config).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <FileText text={value} limit={80} />
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
