/** A model named by its Hub id: opened where the cache has it, else shown first and downloaded when its user says so. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { HubFacts, Inspection } from "../../../src/contract/domain/checkpoint.ts";
import type { Job } from "../../../src/contract/domain/job.ts";
import { useEngine } from "../../client/engine.ts";
import { mergeJob } from "../../client/live-cache.ts";
import { jobsQuery } from "../../client/queries.ts";

export interface HubModel {
  /** As asked for, with its branch. */
  address: string;
  inspection: Inspection;
  hub: HubFacts;
}

export interface HubModelActs {
  /** Opens what is on this machine. */
  onHere: (address: string) => void;
  onError: (thrown: unknown) => void;
  /** Forgets what came of the last act. */
  onAsked: () => void;
}

export function useHubModel({ onHere, onError, onAsked }: HubModelActs) {
  const engine = useEngine();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [model, setModel] = useState<HubModel>();

  const look = useMutation({
    mutationFn: (address: string) => {
      onAsked();
      return engine.inspect({ path: address });
    },
    onSuccess(inspection, address) {
      if (inspection.hub === null) onHere(address);
      else setModel({ address, inspection, hub: inspection.hub });
    },
    onError,
  });

  const download = useMutation({
    mutationFn: ({ address, inspection }: HubModel) => {
      const commit = inspection.revision ?? undefined;
      return engine.jobs.start({ kind: "download", spec: { source: address, commit } });
    },
    onSuccess(job) {
      queries.setQueryData<Job[]>(jobsQuery(engine).queryKey, (jobs) => mergeJob(jobs ?? [], job));
      void navigate({ to: ".", search: (before: object) => ({ ...before, jobs: "open" }) } as never);
    },
    onError,
    onSettled: () => setModel(undefined),
  });

  return { model, look, download, close: () => setModel(undefined) };
}
