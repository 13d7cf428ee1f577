/** Writes an intervention to disk: adapter or full checkpoint, its rank and error, and where it goes. */
import { Button, Checkbox, Modal, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { AppRun } from "../../src/contract/domain/cells.ts";
import type { EditSpec, Intervention } from "../../src/contract/domain/edit.ts";
import type { Job } from "../../src/contract/domain/job.ts";
import { formatNumberOf, formatShare, formatThreshold } from "../../src/contract/format.ts";
import { shortText } from "../../src/contract/text.ts";
import { editGeometryQuery } from "../client/audit-queries.ts";
import { useEngine } from "../client/engine.ts";
import { mergeJob } from "../client/live-cache.ts";
import { jobsQuery, runDetailsQuery } from "../client/queries.ts";
import { useHost } from "../host/host.ts";
import { announce } from "../widgets/announce.ts";
import { ErrorCard } from "../widgets/error-card.tsx";
import { toErrorDocument } from "../widgets/error-document.ts";
import { Notice } from "../widgets/notice.tsx";
import { Placeholder } from "../widgets/placeholder.tsx";
import { ProgressBar } from "../widgets/progress-bar.tsx";
import { RunBadge } from "../widgets/run-badge.tsx";
import { Segmented } from "../widgets/segmented.tsx";
import { type EditSize, editSize } from "./edit-size.ts";
import styles from "./export-edit-sheet.module.css";
import { FolderSheet } from "./folder-sheet.tsx";
import { useTold } from "./use-told.ts";

export interface ExportEditSheetProps {
  opened: boolean;
  onClose: () => void;
  run: AppRun;
  intervention: Intervention;
}

export function ExportEditSheet({ opened, onClose, run, intervention }: ExportEditSheetProps) {
  const title = `Export at λ ${formatThreshold(intervention.lambda)}`;
  const [choosing, setChoosing] = useState(false);
  return (
    // Escape closes the layer on top only.
    <Modal opened={opened} onClose={onClose} title={title} size={560} centered closeOnEscape={!choosing}>
      {opened && <Loaded {...{ run, intervention, onClose }} onChoosing={setChoosing} />}
    </Modal>
  );
}

interface LoadedProps extends Omit<ExportEditSheetProps, "opened"> {
  /** A folder is being chosen over the sheet. */
  onChoosing: (choosing: boolean) => void;
}

function Loaded(props: LoadedProps) {
  const { run, intervention } = props;
  const engine = useEngine();
  const geometry = useQuery(editGeometryQuery(engine, run.id, intervention.modules));
  const details = useQuery(runDetailsQuery(engine, run.id));
  const failed = geometry.error ?? details.error;
  if (failed) return <ErrorCard error={toErrorDocument(failed)} />;
  if (!geometry.data || !details.data) return <Placeholder height={220} />;
  const size = editSize(geometry.data, intervention);
  return <Form {...props} size={size} rank={details.data.adapter?.rank ?? undefined} />;
}

interface FormProps extends LoadedProps {
  size: EditSize;
  /** Of the adapter; undefined for full checkpoints and where modules differ. */
  rank: number | undefined;
}

interface Choice {
  full: boolean;
  /** Back to the adapter's own rank. */
  back: boolean;
  folder: string;
}

function Form({ run, intervention, size, rank, onClose, onChoosing }: FormProps) {
  const [choice, setChoice] = useState<Choice>(() => ({
    full: run.kind === "full",
    back: false,
    folder: target(run, intervention),
  }));
  const [job, setJob] = useState<string>();
  const write = useWrite(setJob);
  const adapter = !choice.full;
  return (
    <form
      className={styles.sheet}
      data-testid="export-edit"
      onSubmit={(event) => {
        event.preventDefault();
        write.mutate(specOf(run, intervention, choice, rank));
      }}
    >
      <p>
        <RunBadge letter={run.letter} /> <b>{shortText(run.label, 40)}</b>, {whatChanges(intervention, size)}.
      </p>
      {run.kind === "adapter" && (
        <Segmented
          label="Written as"
          value={choice.full ? "full" : "adapter"}
          options={[
            { value: "adapter", label: "Adapter" },
            { value: "full", label: "Full checkpoint" },
          ]}
          onChange={(kind) => setChoice({ ...choice, full: kind === "full" })}
        />
      )}
      <p className={styles.note} data-testid="export-rank">
        {adapter
          ? adapterWords(size, rank, choice.back)
          : "Every shard is written anew in the type of its source; the rounding is reported."}
      </p>
      {adapter && rank !== undefined && size.added > 0 && (
        <Checkbox
          label={`Bring it back to rank ${rank}`}
          checked={choice.back}
          onChange={(event) => setChoice({ ...choice, back: event.currentTarget.checked })}
        />
      )}
      <TargetField
        folder={choice.folder}
        onFolder={(folder) => setChoice({ ...choice, folder })}
        onChoosing={onChoosing}
      />
      {write.error && <ErrorCard error={toErrorDocument(write.error)} />}
      {job && <Outcome id={job} folder={choice.folder} />}
      <div className={styles.actions}>
        <Button onClick={onClose}>Close</Button>
        <Button
          type="submit"
          variant="filled"
          disabled={choice.folder.trim() === "" || size.modules === 0}
          loading={write.isPending}
        >
          {adapter ? "Write adapter" : "Write checkpoint"}
        </Button>
      </div>
    </form>
  );
}

/** Beside the run's own folder. */
function target({ path }: AppRun, { lambda }: Intervention): string {
  return `${path.replace(/[\\/]$/, "")}-lambda-${lambda}`;
}

const armWords: Record<Intervention["arm"], string> = {
  scale: "intruders",
  step: "whole ΔW by the intervention's step",
  shrink: "whole ΔW to the intervention's norm",
  rescaled: "intruders, rescaled,",
  interpolate: "whole ΔW",
  neighbour: "neighbours of intruders",
};

function whatChanges({ arm, lambda, which }: Intervention, { modules, vectors }: EditSize): string {
  const chosen = typeof which === "string" ? `${which} ` : "ticked ";
  const words = arm === "scale" || arm === "rescaled" ? chosen + armWords[arm] : armWords[arm];
  return `${words} × ${formatThreshold(lambda)}: ${formatNumberOf(vectors, "vector")} in ${formatNumberOf(modules, "module")}`;
}

function adapterWords({ added, mostLost }: EditSize, rank: number | undefined, back: boolean): string {
  if (added === 0) return "The rank stays; the factors are scaled, exact to float32.";
  const from = rank === undefined ? "its rank" : `rank ${rank}`;
  if (back)
    return `Back to ${from}: at most ${formatShare(mostLost)} of ΔW′ is lost. The error is measured when it is written.`;
  return `A new adapter of ${from} + ${added}, exact to float32: error 0 %. It loads in PEFT unchanged.`;
}

function specOf(
  run: AppRun,
  intervention: Intervention,
  { full, back, folder }: Choice,
  rank: number | undefined,
): EditSpec {
  return {
    edit: "intervene",
    base: run.base.path,
    tuned: run.path,
    intervention,
    full,
    ...(back && !full && rank !== undefined && { rank }),
    out: folder.trim(),
    overwrite: false,
  };
}

function useWrite(onQueued: (job: string) => void) {
  const engine = useEngine();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (spec: EditSpec) => engine.jobs.start({ kind: "edit", spec }),
    onSuccess: (queued) => {
      queries.setQueryData<Job[]>(["jobs"], (jobs = []) => mergeJob(jobs, queued));
      onQueued(queued.id);
      announce(`${queued.title} is queued.`);
    },
  });
}

interface TargetFieldProps extends Pick<LoadedProps, "onChoosing"> {
  folder: string;
  onFolder: (folder: string) => void;
}

function TargetField({ folder, onFolder, onChoosing }: TargetFieldProps) {
  const host = useHost();
  const [open, setOpen] = useState(false);
  useTold(open, onChoosing);
  const name = folder.split(/[\\/]/).at(-1) ?? "";
  const chosen = (paths: string[]) => {
    setOpen(false);
    if (paths[0] !== undefined) onFolder(`${paths[0].replace(/[\\/]$/, "")}/${name}`);
  };
  const choose = () => {
    const asked = host.openFolders();
    if (asked) void asked.then(chosen);
    else setOpen(true);
  };
  return (
    <div className={styles.target}>
      <TextInput
        className={styles.path}
        label="Folder"
        value={folder}
        onChange={(event) => onFolder(event.currentTarget.value)}
        spellCheck={false}
      />
      <Button onClick={choose}>Choose</Button>
      <FolderSheet
        opened={open}
        onClose={() => setOpen(false)}
        onChosen={chosen}
        verb="Write into this folder"
        note="A new folder is made in it; nothing is overwritten."
      />
    </div>
  );
}

/** The job as it goes on, then where its result stands. */
function Outcome({ id, folder }: { id: string; folder: string }) {
  const engine = useEngine();
  const job = useQuery(jobsQuery(engine)).data?.find((candidate) => candidate.id === id);
  if (!job) return null;
  if (job.state === "failed" && job.error) return <ErrorCard error={job.error} />;
  if (job.state === "finished") {
    return (
      <Notice
        tone="ok"
        testId="export-written"
        title="Written and verified"
        actions={
          <Button size="xs" renderRoot={(props) => <Link to="/library" {...props} />}>
            Show in the library
          </Button>
        }
      >
        <span className="mono">{shortText(folder, 200)}</span>
      </Notice>
    );
  }
  return (
    <div className={styles.progress}>
      <ProgressBar label={job.title} done={job.progress?.done ?? 0} total={job.progress?.total ?? 1} />
      <p className={styles.note}>{job.note ?? (job.state === "queued" ? "waiting for its turn" : "being written")}</p>
    </div>
  );
}
