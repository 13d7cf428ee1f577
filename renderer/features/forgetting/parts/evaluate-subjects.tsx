/** What is measured on the tasks: how many items, which checkpoints, which interventions on them. */
import { Button, Checkbox, NumberInput, TextInput } from "@mantine/core";
import { FileText } from "../../../widgets/file-text.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { Segmented } from "../../../widgets/segmented.tsx";
import { Term } from "../../../widgets/term.tsx";
import styles from "../evaluate-sheet.module.css";
import type { DraftProblems } from "../model/draft.ts";
import { allArms, usualLambdas } from "../model/question.ts";
import { armMeanings, armNames } from "../model/sweep.ts";
import type { ForgettingModel } from "../use-forgetting.ts";
import { Part, type PartProps } from "./evaluate-part.tsx";

export function Sample({ draft, onDraft }: PartProps) {
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

export function Checkpoints({ model, draft, onDraft, problem }: PartProps & { model: ForgettingModel }) {
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

export function Interventions({ draft, onDraft, problems }: Omit<PartProps, "problem"> & { problems: DraftProblems }) {
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
