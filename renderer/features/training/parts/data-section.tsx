/** Files to train on and how rows become text; files to measure on. */
import { NativeSelect } from "@mantine/core";
import { IconFile, IconX } from "@tabler/icons-react";
import { dataFormat } from "../../../../src/contract/domain/training.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { IconButton } from "../../../widgets/icon-button.tsx";
import { dataFields, savingFields } from "../model/fields.ts";
import { fileName } from "../model/words.ts";
import formStyles from "../recipe.module.css";
import styles from "../training.module.css";
import type { DraftModel } from "../use-draft.ts";
import { FieldGrid, FieldLabel, FieldProblems } from "./field-control.tsx";
import { HubIdField } from "./hub-id-field.tsx";
import { HubOffers, otherProblems } from "./hub-offers.tsx";
import { ChooseFile } from "./model-section.tsx";

const dataEndings = [".jsonl", ".json", ".csv", ".tsv", ".parquet"];
const taskEndings = [".jsonl", ".json"];

interface FileEntry {
  path: string;
  format: string;
  split?: string;
}

export function DataSection({ model }: { model: DraftModel }) {
  return (
    <section className={formStyles.section}>
      <h3>Data</h3>
      <TrainingFiles model={model} />
      <FieldGrid model={model} fields={dataFields} />
    </section>
  );
}

function TrainingFiles({ model }: { model: DraftModel }) {
  const files = filesOf(model.valueOf("data.files"));
  const set = (next: readonly FileEntry[]) => model.set("data.files", next.length > 0 ? next : undefined);
  return (
    <div className={formStyles.field} data-field="data.files">
      <FieldLabel source={model.sourceOf("data.files")}>Training file</FieldLabel>
      {files.map((file, index) => (
        <div key={`${file.path} ${file.split ?? ""}`} className={formStyles.file}>
          <IconFile size={14} stroke={1.4} aria-hidden="true" />
          <span className={formStyles.fileName} title={file.path}>
            <FileText text={fileName(file.path)} limit={48} mono />
          </span>
          <NativeSelect
            size="xs"
            aria-label={`Format of ${fileName(file.path)}`}
            data={[...dataFormat.options]}
            value={file.format}
            onChange={(event) => set(files.with(index, { ...file, format: event.currentTarget.value }))}
          />
          <NativeSelect
            size="xs"
            aria-label={`Use of ${fileName(file.path)}`}
            data={[
              { value: "train", label: "training" },
              { value: "validation", label: "held out" },
            ]}
            value={file.split ?? "train"}
            onChange={(event) => set(files.with(index, { ...file, split: event.currentTarget.value }))}
          />
          <IconButton
            label={`Leave ${fileName(file.path)} out`}
            size={24}
            onClick={() => set(files.filter((other) => other !== file))}
          >
            <IconX size={14} stroke={1.4} aria-hidden="true" />
          </IconButton>
        </div>
      ))}
      <div className={formStyles.adding}>
        <ChooseFile
          label={files.length === 0 ? "Choose a file" : "Add a file"}
          endings={dataEndings}
          onChosen={(path) => set([...files, { path, format: usualFormat(path) }])}
        />
        <HubIdField
          label="Hub id of a data set"
          type="dataset"
          onAddress={(path) => set([...files, { path, format: "parquet" }])}
        />
      </div>
      <FieldProblems problems={otherProblems(model, "data.files")} />
      <HubOffers model={model} field="data.files" />
    </div>
  );
}

function filesOf(value: unknown): FileEntry[] {
  if (!Array.isArray(value)) return [];
  return value.filter((file): file is FileEntry => typeof file?.path === "string" && typeof file?.format === "string");
}

/** Tables say what they are by their name; lines of JSON are mostly in Alpaca form. */
function usualFormat(path: string): string {
  const ending = /\.(csv|tsv|parquet)$/i.exec(path)?.[1];
  return ending?.toLowerCase() ?? "alpaca";
}

export function MeasureSection({ model }: { model: DraftModel }) {
  const value = model.valueOf("eval.tasks");
  const tasks = Array.isArray(value) ? value.filter((task): task is string => typeof task === "string") : [];
  const set = (next: readonly string[]) => model.set("eval.tasks", next);
  return (
    <section className={formStyles.section}>
      <h3>While it trains</h3>
      <FieldGrid model={model} fields={savingFields} />
      <div className={formStyles.field} data-field="eval.tasks">
        <FieldLabel source={model.sourceOf("eval.tasks")}>Evaluate on</FieldLabel>
        <div className={styles.chips}>
          {tasks.map((path) => (
            <span key={path} className={formStyles.chip} title={path}>
              <FileText text={fileName(path)} limit={32} mono />
              <IconButton
                label={`Do not evaluate ${fileName(path)}`}
                size={24}
                onClick={() => set(tasks.filter((other) => other !== path))}
              >
                <IconX size={12} stroke={1.4} aria-hidden="true" />
              </IconButton>
            </span>
          ))}
          <ChooseFile
            label="Add a task"
            endings={taskEndings}
            onChosen={(path) => set([...tasks.filter((other) => other !== path), path])}
          />
        </div>
        <FieldProblems problems={model.problemsOf("eval.tasks")} />
        <p className={styles.note}>
          Intruders and effective rank are measured at each saved checkpoint. Held-out rows give a loss; tasks give an
          accuracy.
        </p>
      </div>
    </section>
  );
}
