/** Everything that runs or waits: order by dragging or by arrow keys, pause, cancel. */
import { IconGripVertical, IconPlayerPause, IconPlayerPlay, IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Job } from "../../../../src/contract/domain/job.ts";
import { formatCount, formatRemaining } from "../../../../src/contract/format.ts";
import { useEngine } from "../../../client/engine.ts";
import { mergeJob } from "../../../client/live-cache.ts";
import { jobsQuery } from "../../../client/queries.ts";
import {
  environmentQuery,
  sweepsQuery,
  trainingRunQuery,
  trainingRunsQuery,
} from "../../../client/training-queries.ts";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { IconButton } from "../../../widgets/icon-button.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { ProgressBar } from "../../../widgets/progress-bar.tsx";
import { offerUndo } from "../../../widgets/undo.ts";
import { runOf } from "../model/jobs.ts";
import { queueWords, secondsLeft } from "../model/queue-time.ts";
import { waitingFor } from "../model/words.ts";
import tablesStyles from "../tables.module.css";
import styles from "../training.module.css";
import { type Order, useOrder } from "../use-order.ts";

const open: readonly Job["state"][] = ["running", "queued", "paused"];

export function QueuePanel() {
  const engine = useEngine();
  const jobs = (useQuery(jobsQuery(engine)).data ?? []).filter(({ state }) => open.includes(state));
  const running = jobs.filter(({ state }) => state === "running").length;
  const waiting = jobs.filter(({ state }) => state === "queued");
  const order = useOrder(waiting);
  const known = {
    runs: useQuery(trainingRunsQuery(engine)).data ?? [],
    sweeps: useQuery(sweepsQuery(engine)).data ?? [],
    devices: useQuery(environmentQuery(engine)).data?.devices.map(({ id }) => id) ?? [],
  };
  const first = running === 0 ? waiting.find(runOf) : undefined;
  return (
    <Panel
      flush
      testId="queue"
      title={
        <span className={styles.titleRow}>
          Queue <span className={styles.note}>{countWords(jobs)}</span>
        </span>
      }
      actions={<span className={styles.note}>{queueWords(jobs, known)}</span>}
    >
      {order.error != null && <ErrorCard error={toErrorDocument(order.error)} />}
      {jobs.length > 0 && (
        <table className={tablesStyles.queue}>
          <tbody>
            {jobs.map((job) => (
              <QueueRow key={job.id} job={job} order={order} left={secondsLeft(job, known)} />
            ))}
          </tbody>
        </table>
      )}
      {first && <Held run={runOf(first) ?? ""} />}
    </Panel>
  );
}

/** "2 running, 1 waiting, 1 paused". */
function countWords(jobs: readonly Job[]): string {
  const words: [Job["state"], string][] = [
    ["running", "running"],
    ["queued", "waiting"],
    ["paused", "paused"],
  ];
  const counts = words.map(([state, word]) => [jobs.filter((job) => job.state === state).length, word] as const);
  const told = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return told.join(", ") || "empty";
}

/** Where nothing of this program runs, and still something waits. */
function Held({ run }: { run: string }) {
  const { data } = useQuery(trainingRunQuery(useEngine(), run));
  if (!data?.waitsFor) return null;
  return (
    <p className={styles.padded} role="status">
      {data.run.name} is {waitingFor(data.waitsFor)}.
    </p>
  );
}

interface QueueRowProps {
  job: Job;
  order: Order;
  /** Seconds, as far as known. */
  left: number | undefined;
}

function QueueRow({ job, order, left }: QueueRowProps) {
  const engine = useEngine();
  const act = useJobAct();
  const { id, title, state, progress } = job;
  const stop = () => {
    act.mutate(() => engine.jobs.cancel({ job: id }));
    // What was waiting has done nothing yet, so the whole act can be taken back.
    if (state === "queued")
      offerUndo(`Took ${title} out of the queue.`, () => act.mutate(() => engine.jobs.resume({ job: id })));
  };
  return (
    <>
      <tr
        data-state={state}
        data-testid={`queued-${id}`}
        data-target={order.target?.id === id ? order.target.edge : undefined}
        onDragOver={(event) => state === "queued" && order.over(id, event)}
        onDrop={(event) => order.drop(id, event)}
      >
        <td className={tablesStyles.grip}>
          {state === "queued" ? <MoveHandle id={id} title={title} order={order} /> : <StateMark state={state} />}
        </td>
        <th scope="row">
          <JobLink job={job}>
            <FileText text={title} limit={48} />
          </JobLink>
        </th>
        <td>{progress ? `${progress.unit} ${formatCount(progress.done)} of ${formatCount(progress.total)}` : state}</td>
        <td>
          {progress && (
            <ProgressBar
              label={title}
              done={progress.done}
              total={progress.total}
              width={92}
              quiet={state !== "running"}
            />
          )}
        </td>
        <td className={tablesStyles.number}>{timeWords(state, left)}</td>
        <td className={tablesStyles.number}>
          {state === "running" && job.question.kind !== "edit" && (
            <IconButton
              label={`Pause ${title}`}
              size={24}
              onClick={() => act.mutate(() => engine.jobs.pause({ job: id }))}
            >
              <IconPlayerPause size={14} stroke={1.4} aria-hidden="true" />
            </IconButton>
          )}
          {state === "paused" && (
            <IconButton
              label={`Resume ${title}`}
              size={24}
              onClick={() => act.mutate(() => engine.jobs.resume({ job: id }))}
            >
              <IconPlayerPlay size={14} stroke={1.4} aria-hidden="true" />
            </IconButton>
          )}
          <IconButton label={`Cancel ${title}`} size={24} onClick={stop}>
            <IconX size={14} stroke={1.4} aria-hidden="true" />
          </IconButton>
        </td>
      </tr>
      {act.error && (
        <tr>
          <td colSpan={6}>
            <ErrorCard error={toErrorDocument(act.error)} />
          </td>
        </tr>
      )}
    </>
  );
}

/** What waits says how long it will take once it runs. */
function timeWords(state: Job["state"], left: number | undefined): string {
  if (left === undefined || state === "paused") return "";
  return state === "running" ? formatRemaining(left) : formatRemaining(left).replace(/ left$/, "");
}

function StateMark({ state }: { state: Job["state"] }) {
  const Icon = state === "paused" ? IconPlayerPause : IconPlayerPlay;
  return (
    <>
      <Icon size={13} stroke={1.4} aria-hidden="true" />
      <span className="visually-hidden">{state}</span>
    </>
  );
}

function MoveHandle({ id, title, order }: { id: string; title: string; order: Order }) {
  const keys: Record<string, number> = { ArrowUp: -1, ArrowDown: 1 };
  return (
    <button
      type="button"
      draggable
      data-move={id}
      className={tablesStyles.handle}
      aria-label={`Move ${title}: arrow keys change its place`}
      title="Drag, or use the arrow keys"
      onDragStart={(event) => order.lift(id, event)}
      onDragEnd={order.leave}
      onKeyDown={(event) => {
        const by = keys[event.key];
        if (by === undefined) return;
        event.preventDefault();
        order.step(id, by);
      }}
    >
      <IconGripVertical size={13} stroke={1.4} aria-hidden="true" />
    </button>
  );
}

function JobLink({ job: { question }, children }: { job: Job; children: ReactNode }) {
  const { kind, spec } = question;
  if (kind === "training" && "run" in spec) {
    return (
      <Link to="/training/run/$id" params={{ id: spec.run }}>
        {children}
      </Link>
    );
  }
  if (kind === "sweep" && "id" in spec) {
    return (
      <Link to="/training/sweep/$id" params={{ id: spec.id }}>
        {children}
      </Link>
    );
  }
  return children;
}

/** Whatever is done to a job answers the changed job. */
export function useJobAct() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (act: () => Promise<Job>) => act(),
    onSuccess: (changed) => queries.setQueryData<Job[]>(["jobs"], (jobs = []) => mergeJob(jobs, changed)),
  });
}
