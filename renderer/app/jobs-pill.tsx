/** How many jobs run; opens and closes the drawer. */
import { IconListDetails } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEngine } from "../client/engine.ts";
import { jobsQuery } from "../client/queries.ts";
import styles from "./jobs-pill.module.css";

export function JobsPill() {
  const engine = useEngine();
  const { data: jobs = [] } = useQuery(jobsQuery(engine));
  const { jobs: drawer } = useSearch({ strict: false });
  const open = jobs.filter((job) => job.state === "running" || job.state === "queued").length;
  const paused = jobs.filter((job) => job.state === "paused").length;
  return (
    <Link
      to="."
      search={(previous) => ({ ...previous, jobs: drawer ? undefined : "open" })}
      className={styles.pill}
      aria-expanded={drawer === "open"}
      data-testid="jobs-pill"
    >
      {open > 0 ? (
        <span className={styles.spinner} aria-hidden="true" />
      ) : (
        <IconListDetails size={14} stroke={1.4} aria-hidden="true" />
      )}
      {open > 0 ? `${open} running` : paused > 0 ? `${paused} paused` : "No jobs"}
    </Link>
  );
}
