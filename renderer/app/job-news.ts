/** Tells screen readers when a job ended. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Job } from "../../src/contract/domain/job.ts";
import { useEngine } from "../client/engine.ts";
import { jobsQuery } from "../client/queries.ts";
import { announce } from "../widgets/announce.ts";

const endings: Partial<Record<Job["state"], string>> = {
  finished: "finished",
  cancelled: "cancelled",
  failed: "failed",
};

export function useJobNews(): void {
  const engine = useEngine();
  const { data: jobs } = useQuery(jobsQuery(engine));
  const before = useRef<readonly Job[]>(undefined);
  useEffect(() => {
    if (!jobs) return;
    for (const sentence of jobNews(before.current ?? jobs, jobs)) announce(sentence);
    before.current = jobs;
  }, [jobs]);
}

/** One sentence for each job that ended between two lists. */
export function jobNews(before: readonly Job[], after: readonly Job[]): string[] {
  return after.flatMap((job) => {
    const ending = endings[job.state];
    const known = before.find((candidate) => candidate.id === job.id);
    if (!ending || known?.state === job.state) return [];
    return [`${job.title} ${ending}.${job.error ? ` ${job.error.message}` : ""}`];
  });
}
