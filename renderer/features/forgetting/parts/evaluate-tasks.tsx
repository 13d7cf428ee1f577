/** Which tasks are measured, from which files, and whether each is new or old. */
import { Button, Checkbox } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { formatNumberOf } from "../../../../src/contract/format.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { tasksQuery } from "../../../client/audit-queries.ts";
import { useEngine } from "../../../client/engine.ts";
import { FolderSheet } from "../../../sheets/folder-sheet.tsx";
import { HubOffer } from "../../../sheets/hub-offer.tsx";
import { useTold } from "../../../sheets/use-told.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { Segmented } from "../../../widgets/segmented.tsx";
import styles from "../evaluate-sheet.module.css";
import { changeTask, type DraftTask, withFile } from "../model/draft.ts";
import { Part, type PartProps } from "./evaluate-part.tsx";

/** Files that hold items or the public data of a task. */
const itemFiles = [".jsonl", ".json"];
const dataFiles = [".jsonl", ".json", ".parquet"];

interface EvaluateTasksProps extends PartProps {
  /** A file is being chosen over the sheet. */
  onChoosing: (choosing: boolean) => void;
}

/** Rows of ready-made tasks that stand without a file at first; the others are one click away. */
export function EvaluateTasks({ draft, onDraft, problem, onChoosing }: EvaluateTasksProps) {
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
  const engine = useEngine();
  const queries = useQueryClient();
  const { name, title, file, role, items, chosen, definition, repository } = task;
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
          <button type="button" className={styles.link} onClick={onFile} aria-label={`choose its file: ${shown}`}>
            choose its file
          </button>
        ) : (
          shortText(file.split(/[\\/]/).at(-1) ?? file, 28)
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
      {chosen && file === undefined && repository !== undefined && (
        <div className={styles.offer}>
          <HubOffer
            source={`hf://datasets/${repository}`}
            select={definition === undefined ? null : { task: definition }}
            onEnd={() => void queries.invalidateQueries({ queryKey: tasksQuery(engine).queryKey })}
          />
        </div>
      )}
    </li>
  );
}
