/** Progress and time left; what is selected; keys that work here. */
import { useQuery } from "@tanstack/react-query";
import type { Job } from "../../src/contract/domain/job.ts";
import { formatBytes, formatCount, formatRemaining } from "../../src/contract/format.ts";
import { useEngine } from "../client/engine.ts";
import { jobsQuery } from "../client/queries.ts";
import { FileText } from "../widgets/file-text.tsx";
import { ProgressBar } from "../widgets/progress-bar.tsx";
import { statusSlots } from "../widgets/status-slot.tsx";
import styles from "./status-bar.module.css";

/** A time left means something after this many units. */
const unitsBeforeEstimate = 3;

/** Phases whose item is under way already. */
const noNext: ReadonlySet<string> = new Set(["train", "download"]);

export function StatusBar() {
  const engine = useEngine();
  const { data: jobs = [] } = useQuery(jobsQuery(engine));
  const running = jobs.find((job) => job.state === "running");
  return (
    <footer className={styles.bar}>
      {running && <RunningJob job={running} />}
      <span className={styles.slot} id={statusSlots.left} />
      <span className={styles.gap} />
      <span className={styles.slot} id={statusSlots.right} />
    </footer>
  );
}

function RunningJob({ job }: { job: Job }) {
  const { progress } = job;
  if (!progress) return <span>{job.title}</span>;
  const { phase, done, total, unit, item, remainingSeconds } = progress;
  if (total === 0) return <span>{item ? `${job.title}: ${item}` : job.title}</span>;
  const shown = unit === "bytes" ? formatBytes : formatCount;
  const known = remainingSeconds !== undefined && done >= unitsBeforeEstimate;
  const remaining = known ? formatRemaining(remainingSeconds) : undefined;
  return (
    <>
      <span>
        <b>
          {shown(done)} of {shown(total)}
        </b>
        {unit === "bytes" ? "" : ` ${unit}`}
      </span>
      <ProgressBar label={job.title} done={done} total={total} width={92} />
      <span className={styles.next}>
        {remaining}
        {item && (
          <>
            {[remaining === undefined ? "" : " · ", noNext.has(phase) ? "" : "next: "].join("")}
            <FileText text={item} limit={60} />
          </>
        )}
      </span>
    </>
  );
}
