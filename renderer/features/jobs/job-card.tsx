/** One job: what, how far, time left; pause, cancel, resume, show result, clear. */
import { Button } from "@mantine/core";
import { IconPlayerPause, IconPlayerStop, IconX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Job } from "../../../src/contract/domain/job.ts";
import { formatNumberOf } from "../../../src/contract/format.ts";
import { useEngine } from "../../client/engine.ts";
import { mergeJob } from "../../client/live-cache.ts";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { FileText } from "../../widgets/file-text.tsx";
import { IconButton } from "../../widgets/icon-button.tsx";
import { ProgressBar } from "../../widgets/progress-bar.tsx";
import styles from "./job-card.module.css";
import { jobLine, runsOf } from "./job-words.ts";

export function JobCard({ job, onClear }: { job: Job; onClear: () => void }) {
  const engine = useEngine();
  const cancel = useJobAction(() => engine.jobs.cancel({ job: job.id }));
  const resume = useJobAction(() => engine.jobs.resume({ job: job.id }));
  const pause = useJobAction(() => engine.jobs.pause({ job: job.id }));
  const live = job.state === "running" || job.state === "queued";
  const open = live || job.state === "paused";
  const problem = cancel.error ?? pause.error ?? resume.error;
  return (
    <li className={styles.card} data-testid={`job-${job.id}`} data-state={job.state}>
      <div className={styles.head}>
        <h3 className={styles.title}>
          <FileText text={job.title} limit={80} />
        </h3>
        {live && keepsParts(job) && (
          <IconButton label={`Pause ${job.title}`} onClick={() => pause.mutate()} disabled={pause.isPending}>
            <IconPlayerPause size={16} stroke={1.4} aria-hidden="true" />
          </IconButton>
        )}
        {open ? (
          <IconButton label={`Cancel ${job.title}`} onClick={() => cancel.mutate()} disabled={cancel.isPending}>
            <IconPlayerStop size={16} stroke={1.4} aria-hidden="true" />
          </IconButton>
        ) : (
          <IconButton label={`Clear ${job.title}`} onClick={onClear}>
            <IconX size={16} stroke={1.4} aria-hidden="true" />
          </IconButton>
        )}
      </div>
      <ProgressBar
        label={job.title}
        done={job.progress?.done ?? (job.state === "finished" ? 1 : 0)}
        total={job.progress?.total ?? 1}
        quiet={job.state !== "running"}
      />
      <p className={`${styles.line} ${job.state === "failed" ? styles.bad : ""}`}>{jobLine(job)}</p>
      {(!live || isTraining(job)) && <Actions job={job} onResume={() => resume.mutate()} resuming={resume.isPending} />}
      {job.error && job.state === "failed" && <ErrorCard error={job.error} />}
      {problem && <ErrorCard error={toErrorDocument(problem)} />}
      <Failures job={job} />
    </li>
  );
}

/** Files of an edit are written whole or not at all. */
function keepsParts({ question }: Job): boolean {
  return question.kind !== "edit";
}

/** Runs and sweeps have a page while they train. */
function isTraining({ question }: Job): boolean {
  return question.kind === "training" || question.kind === "sweep";
}

/** Where a job's results stand; undefined where it has none. */
function placeOf(job: Job) {
  const { kind, spec } = job.question;
  if (kind === "audit") return { to: "/forgetting" };
  if (kind === "edit") return job.state === "finished" ? { to: "/library" } : undefined;
  if (kind === "training") return "run" in spec ? { to: "/training/run/$id", params: { id: spec.run } } : undefined;
  if (kind === "sweep") return "id" in spec ? { to: "/training/sweep/$id", params: { id: spec.id } } : undefined;
  const runs = runsOf(job);
  return runs.length > 0 ? { to: "/compare", search: { runs: runs.join(",") } } : undefined;
}

function Actions({ job, onResume, resuming }: { job: Job; onResume: () => void; resuming: boolean }) {
  const shown = placeOf(job);
  const resumable = job.state !== "finished" && job.state !== "running" && job.state !== "queued";
  return (
    <div className={styles.actions}>
      {resumable && (
        <Button size="xs" onClick={onResume} loading={resuming}>
          Resume
        </Button>
      )}
      {shown && (
        <Button size="xs" variant="subtle" renderRoot={(props) => <Link {...shown} {...props} />}>
          {job.state === "running" || job.state === "queued" ? "Show" : "Show result"}
        </Button>
      )}
    </div>
  );
}

/** Runs that could not be opened or paired; the others went on. */
function Failures({ job }: { job: Job }) {
  if (job.failures.length === 0 || job.state === "failed") return null;
  return (
    <>
      {job.failures.map((failure) => (
        <ErrorCard
          key={failure.path}
          tone="warn"
          title={`${formatNumberOf(1, "run")} left out: ${failure.label}`}
          error={failure.error}
        />
      ))}
    </>
  );
}

/** The answer is the changed job, which replaces the old one at once. */
function useJobAction(act: () => Promise<Job>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: (changed) => queries.setQueryData<Job[]>(["jobs"], (jobs) => mergeJob(jobs ?? [], changed)),
  });
}
