/** Queues an audit; cells fill in as its answers are stored. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { AuditSpec } from "../../../src/contract/domain/audit.ts";
import type { Job } from "../../../src/contract/domain/job.ts";
import { useEngine } from "../../client/engine.ts";
import { mergeJob } from "../../client/live-cache.ts";
import { announce } from "../../widgets/announce.ts";

export function useStartAudit() {
  const engine = useEngine();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (spec: AuditSpec) => engine.jobs.start({ kind: "audit", spec }),
    onSuccess: (queued) => {
      queries.setQueryData<Job[]>(["jobs"], (jobs = []) => mergeJob(jobs, queued));
      void queries.invalidateQueries({ queryKey: ["audit-questions"] });
      announce(`${queued.title} is queued.`);
    },
  });
}

/** Takes a job up where it stopped; one that ended with failures is asked anew, and computes only what is missing. */
export function useResume() {
  const engine = useEngine();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, state, question }: Job) =>
      state === "finished" ? engine.jobs.start(question) : engine.jobs.resume({ job: id }),
    onSuccess: (queued) => queries.setQueryData<Job[]>(["jobs"], (jobs = []) => mergeJob(jobs, queued)),
  });
}
