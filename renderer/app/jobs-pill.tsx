/** How many jobs run; opens and closes the drawer. */
import { IconListDetails } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import type { Job } from "../../src/contract/domain/job.ts";
import { useEngine } from "../client/engine.ts";
import { jobsQuery } from "../client/queries.ts";
import styles from "./jobs-pill.module.css";

export function JobsPill() {
  const engine = useEngine();
  const { data: jobs = [] } = useQuery(jobsQuery(engine));
  const { jobs: drawer } = useSearch({ strict: false });
  const count = (state: Job["state"]) => jobs.filter((job) => job.state === state).length;
  const running = count("running");
  return (
    <Link
      to="."
      search={(previous) => ({ ...previous, jobs: drawer ? undefined : "open" })}
      className={styles.pill}
      aria-expanded={drawer === "open"}
      data-testid="jobs-pill"
    >
      {running > 0 ? (
        <span className={styles.spinner} aria-hidden="true" />
      ) : (
        <IconListDetails size={14} stroke={1.4} aria-hidden="true" />
      )}
      {pillWords(running, count("queued"), count("paused"))}
    </Link>
  );
}

function pillWords(running: number, waiting: number, paused: number): string {
  if (running > 0) return `${running} running`;
  if (waiting > 0) return `${waiting} waiting`;
  return paused > 0 ? `${paused} paused` : "No jobs";
}
