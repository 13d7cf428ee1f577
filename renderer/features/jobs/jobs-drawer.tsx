/** The jobs, newest first, over any view; open while the address says so. */
import { Button, Drawer } from "@mantine/core";
import { IconListDetails } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Job } from "../../../src/contract/domain/job.ts";
import { useEngine } from "../../client/engine.ts";
import { jobsQuery } from "../../client/queries.ts";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { useClearJobs, useHiddenJobs } from "./cleared.ts";
import { JobCard } from "./job-card.tsx";
import styles from "./jobs-drawer.module.css";

export function JobsDrawer() {
  const { jobs } = useSearch({ strict: false }) as { jobs?: "open" };
  const navigate = useNavigate();
  const close = () => navigate({ to: ".", search: (previous: object) => ({ ...previous, jobs: undefined }) } as never);
  return (
    <Drawer
      opened={jobs === "open"}
      onClose={close}
      title="Jobs"
      size={380}
      padding={0}
      closeButtonProps={{ "aria-label": "Close jobs" }}
    >
      {jobs === "open" && <JobList />}
    </Drawer>
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

function isOpen(job: Job): boolean {
  return job.state === "running" || job.state === "queued";
}
