/** Jobs that were cleared and can still come back: hidden at once, forgotten by the engine when the offer ends. */
import { useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { Job } from "../../../src/contract/domain/job.ts";
import { formatNumberOf } from "../../../src/contract/format.ts";
import { useEngine } from "../../client/engine.ts";
import { announce } from "../../widgets/announce.ts";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { offerUndo } from "../../widgets/undo.ts";

let hidden: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

function change(next: Iterable<string>): void {
  hidden = new Set(next);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Ids that are not to be shown. */
export function useHiddenJobs(): ReadonlySet<string> {
  return useSyncExternalStore(subscribe, () => hidden);
}

export function useClearJobs(): (jobs: readonly Job[]) => void {
  const engine = useEngine();
  const queries = useQueryClient();
  return (jobs) => {
    const ids = jobs.map((job) => job.id);
    const showAgain = () => change([...hidden].filter((id) => !ids.includes(id)));
    async function forget() {
      try {
        queries.setQueryData(["jobs"], await engine.jobs.clear({ jobs: ids }));
      } catch (thrown) {
        announce(`Not cleared: ${toErrorDocument(thrown).message}`);
      }
      showAgain();
    }
    change([...hidden, ...ids]);
    offerUndo(`Cleared ${formatNumberOf(jobs.length, "job")}. The results stay.`, showAgain, forget);
  };
}
