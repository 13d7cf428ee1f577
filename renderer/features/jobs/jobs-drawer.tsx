/** The jobs, newest first, over any view; open while the address says so. */
import { Button } from "@mantine/core";
import { IconListDetails } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { Job } from "../../../src/contract/domain/job.ts";
import { useEngine } from "../../client/engine.ts";
import { jobsQuery } from "../../client/queries.ts";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { SideDrawer } from "../../widgets/side-drawer.tsx";
import { useClearJobs, useHiddenJobs } from "./cleared.ts";
import { JobCard } from "./job-card.tsx";
import styles from "./jobs-drawer.module.css";

export function JobsDrawer() {
  return (
    <SideDrawer name="jobs" title="Jobs" closeLabel="Close jobs" width={380}>
      {() => <JobList />}
    </SideDrawer>
  );
}

function JobList() {
  const engine = useEngine();
  const { data, error } = useQuery(jobsQuery(engine));
  const hidden = useHiddenJobs();
  const clear = useClearJobs();
  if (error) return <ErrorCard error={toErrorDocument(error)} />;
  if (!data) return null;
  const shown = data.filter((job) => !hidden.has(job.id)).toReversed();
  const ended = shown.filter((job) => !isOpen(job));
  if (shown.length === 0) {
    return (
      <EmptyState
        icon={<IconListDetails size={24} stroke={1.4} aria-hidden="true" />}
        sentence="No jobs. A comparison that is being computed stands here, and stays until it is cleared."
      />
    );
  }
  return (
    <div className={styles.body}>
      <ul className={styles.list} data-testid="jobs">
        {shown.map((job) => (
          <JobCard key={job.id} job={job} onClear={() => clear([job])} />
        ))}
      </ul>
      {ended.length > 1 && (
        <Button size="xs" onClick={() => clear(ended)}>
          Clear ended jobs
        </Button>
      )}
    </div>
  );
}

/** A paused job waits to be resumed or cancelled. */
function isOpen({ state }: Job): boolean {
  return state === "running" || state === "queued" || state === "paused";
}
