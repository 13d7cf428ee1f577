/** Base and method. */
import { Button, NativeSelect } from "@mantine/core";
import { IconFolder } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { trainingMethod } from "../../../../src/contract/domain/training.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { useEngine } from "../../../client/engine.ts";
import { libraryQuery } from "../../../client/queries.ts";
import { FolderSheet } from "../../../sheets/folder-sheet.tsx";
import { IconButton } from "../../../widgets/icon-button.tsx";
import { Segmented } from "../../../widgets/segmented.tsx";
import { adapterFields, methodNames } from "../model/fields.ts";
import { fileName } from "../model/words.ts";
import formStyles from "../recipe.module.css";
import styles from "../training.module.css";
import type { DraftModel } from "../use-draft.ts";
import { FieldGrid, FieldLabel, FieldProblems } from "./field-control.tsx";
import { HubIdField } from "./hub-id-field.tsx";
import { HubOffers, otherProblems } from "./hub-offers.tsx";

export function ModelSection({ model }: { model: DraftModel }) {
  return (
    <section className={formStyles.section}>
      <h3>Model and method</h3>
      <div className={styles.pair}>
        <BaseField model={model} />
        <MethodField model={model} />
      </div>
      <HubOffers model={model} field="base" />
      <FieldGrid model={model} fields={adapterFields} />
    </section>
  );
}

function BaseField({ model }: { model: DraftModel }) {
  const engine = useEngine();
  const id = useId();
  const [choosing, setChoosing] = useState(false);
  const items = useQuery(libraryQuery(engine)).data ?? [];
  const value = model.valueOf("base.path");
  const path = typeof value === "string" ? value : "";
  const bases = items
    .filter(({ kind }) => kind === "base")
    .map((item) => ({ value: item.path, label: shortText(item.label, 40) }));
  const known = path === "" || bases.some((base) => base.value === path);
  const options = [
    ...(path === "" ? [{ value: "", label: "Choose a base" }] : []),
    ...(known ? [] : [{ value: path, label: shortText(fileName(path), 40) }]),
    ...bases,
  ];
  const problems = model.problemsOf("base");
  return (
    <div className={formStyles.field} data-field="base.path">
      <FieldLabel id={id} source={model.sourceOf("base.path")}>
        Base
      </FieldLabel>
      <div className={formStyles.withButton}>
        <NativeSelect
          id={id}
          data={options}
          value={path}
          title={path}
          error={problems.some(({ level }) => level === "error")}
          onChange={(event) => model.set("base.path", event.currentTarget.value || undefined)}
        />
        <IconButton label="Choose the folder of a base" variant="default" onClick={() => setChoosing(true)}>
          <IconFolder size={16} stroke={1.4} aria-hidden="true" />
        </IconButton>
      </div>
      <HubIdField label="Hub id of the base" type="model" onAddress={(address) => model.set("base.path", address)} />
      <FieldProblems problems={otherProblems(model, "base")} />
      <FolderSheet
        opened={choosing}
        onClose={() => setChoosing(false)}
        verb="Take this folder"
        note="A folder with config.json, safetensors files and a tokenizer."
        onChosen={([chosen]) => {
          if (chosen !== undefined) model.set("base.path", chosen);
          setChoosing(false);
        }}
      />
    </div>
  );
}

/** The two that are asked for most stand open; the others are one choice away. */
function MethodField({ model }: { model: DraftModel }) {
  const method = model.valueOf("method");
  const others = trainingMethod.options.filter((name) => name !== "lora" && name !== "full");
  const other = others.find((name) => name === method);
  return (
    <div className={formStyles.field} data-field="method">
      <FieldLabel source={model.sourceOf("method")}>Method</FieldLabel>
      <div className={formStyles.withButton}>
        <Segmented
          label="Method"
          value={typeof method === "string" ? method : ""}
          options={[
            { value: "lora", label: methodNames.lora },
            { value: "full", label: methodNames.full },
          ]}
          onChange={(next) => model.set("method", next)}
        />
        <NativeSelect
          aria-label="Another method"
          className={formStyles.otherMethod}
          data-shown={other !== undefined || undefined}
          data={[{ value: "", label: "other" }, ...others.map((name) => ({ value: name, label: methodNames[name] }))]}
          value={other ?? ""}
          onChange={(event) => model.set("method", event.currentTarget.value || undefined)}
        />
      </div>
      <FieldProblems problems={model.problemsOf("method")} />
    </div>
  );
}

interface ChooseFileProps {
  label: string;
  endings: readonly string[];
  onChosen: (path: string) => void;
}

/** A button that asks for one file. */
export function ChooseFile({ label, endings, onChosen }: ChooseFileProps) {
  const [choosing, setChoosing] = useState(false);
  return (
    <>
      <Button size="xs" onClick={() => setChoosing(true)}>
        {label}
      </Button>
      <FolderSheet
        opened={choosing}
        onClose={() => setChoosing(false)}
        files={endings}
        onChosen={([chosen]) => {
          if (chosen !== undefined) onChosen(chosen);
          setChoosing(false);
        }}
      />
    </>
  );
}
