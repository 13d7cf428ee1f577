/** One field of a recipe: name with the source of its value, control, unit, and what is wrong with it right below. */
import { NativeSelect, TextInput } from "@mantine/core";
import { type ReactNode, useId, useState } from "react";
import type { FieldProblem } from "../../../../src/contract/domain/training.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { Term } from "../../../widgets/term.tsx";
import { type FieldEntry, textOf, typedValue } from "../model/fields.ts";
import formStyles from "../recipe.module.css";
import type { DraftModel, FieldSource } from "../use-draft.ts";

export function FieldGrid({ model, fields }: { model: DraftModel; fields: readonly FieldEntry[] }) {
  const shown = fields.filter(({ when }) => when === undefined || when(model.valueOf("method")));
  return (
    <div className={formStyles.fields}>
      {shown.map((entry) => (
        <FieldControl key={entry.field} model={model} entry={entry} />
      ))}
    </div>
  );
}

export function FieldControl({ model, entry }: { model: DraftModel; entry: FieldEntry }) {
  const { field, label, term, kind } = entry;
  const id = useId();
  const problems = model.problemsOf(field);
  const Control = kind === "choice" ? ChoiceControl : TextControl;
  return (
    <div className={formStyles.field} data-field={field}>
      <FieldLabel id={id} source={model.sourceOf(field)}>
        {term ? <Term name={term}>{label}</Term> : label}
      </FieldLabel>
      <Control model={model} entry={entry} id={id} wrong={problems.some(({ level }) => level === "error")} />
      <FieldProblems id={`${id}-problem`} problems={problems} />
    </div>
  );
}

interface ControlProps {
  model: DraftModel;
  entry: FieldEntry;
  id: string;
  wrong: boolean;
}

function ChoiceControl({ model, entry: { field, label, options = [] }, id, wrong }: ControlProps) {
  const value = model.valueOf(field);
  const automatic = typeof value === "string" ? [] : [{ value: "", label: "automatic" }];
  return (
    <NativeSelect
      id={id}
      aria-label={label}
      aria-describedby={`${id}-problem`}
      error={wrong}
      data={[...automatic, ...options]}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => model.set(field, event.currentTarget.value || undefined)}
    />
  );
}

/** While it is being typed, the text stays as it was typed. */
function TextControl({ model, entry, id, wrong }: ControlProps) {
  const { field, label, unit, absent } = entry;
  const [typed, setTyped] = useState<string>();
  const change = (text: string) => {
    setTyped(text);
    model.set(field, typedValue(entry, text));
  };
  return (
    <TextInput
      id={id}
      aria-label={label}
      aria-describedby={`${id}-problem`}
      error={wrong}
      autoComplete="off"
      spellCheck={false}
      placeholder={absent}
      value={typed ?? textOf(entry, model.valueOf(field))}
      rightSection={unit && <span className={formStyles.unit}>{unit}</span>}
      rightSectionWidth={unit ? 14 + unit.length * 7 : undefined}
      rightSectionPointerEvents="none"
      onChange={(event) => change(event.currentTarget.value)}
      onBlur={() => setTyped(undefined)}
    />
  );
}

const sourceWords: Record<FieldSource, { short: string; long: string }> = {
  paper: { short: "paper", long: "Value of the paper" },
  ours: { short: "ours", long: "Our value: the paper does not give one" },
  library: { short: "default", long: "Default of the training library" },
  recipe: { short: "set", long: "Set here" },
};

interface FieldLabelProps {
  id?: string;
  source?: FieldSource | undefined;
  children: ReactNode;
}

export function FieldLabel({ id, source, children }: FieldLabelProps) {
  return (
    <div className={formStyles.labelRow}>
      <label className={formStyles.label} htmlFor={id}>
        {children}
      </label>
      {source && (
        <span className={formStyles.source} data-source={source} title={sourceWords[source].long}>
          {sourceWords[source].short}
        </span>
      )}
    </div>
  );
}

export function FieldProblems({ id, problems }: { id?: string; problems: readonly FieldProblem[] }) {
  return (
    <div id={id} className={formStyles.problems}>
      {problems.map(({ message, level }) => (
        <p key={message} data-level={level} role={level === "error" ? "alert" : undefined}>
          <FileText text={message} limit={300} />
        </p>
      ))}
    </div>
  );
}
