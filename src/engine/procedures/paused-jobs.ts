/** Jobs that their user paused, kept in the workspace: the end of the program must not lose their place. */
import { z } from "zod";
import { type Job, job } from "../../contract/domain/job.ts";
import type { Store } from "../store/types.ts";

/** Among the settings of a workspace. */
const key = "paused-jobs";
const stored = z.array(job);

/** Fine-tunes and sweeps are written down by themselves, with what they have done. */
function isKeptHere({ question }: Job): boolean {
  return question.kind !== "training" && question.kind !== "sweep";
}

export function keepPausedJobs(store: Pick<Store, "putSettings">): (jobs: readonly Job[]) => void {
  return (jobs) => {
    const paused = jobs.filter((one) => one.state === "paused" && isKeptHere(one));
    // What could not be stored costs a card after a restart, nothing that was computed.
    void store.putSettings({ [key]: paused }).catch(() => undefined);
  };
}

export async function keptPausedJobs(store: Pick<Store, "settings">): Promise<Job[]> {
  return stored.safeParse((await store.settings())[key]).data ?? [];
}
