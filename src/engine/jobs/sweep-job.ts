/** Sweeps as jobs: a run that fails stands beside the others; resuming goes on with what is missing. */
import type { Job } from "../../contract/domain/job.ts";
import type { ErrorDocument } from "../../contract/errors.ts";
import type { Progress } from "../../contract/progress.ts";
import { type JobWork, keptInWords } from "./job-work.ts";

type SweepStep =
  | { type: "progress"; progress: Progress }
  | { type: "failed"; label: string; path: string; error: ErrorDocument }
  | { type: "measured" };

import type { Turn } from "./semaphore.ts";

export interface SweepJobServices {
  nameOf(sweep: string): string;
  work(sweep: string, signal: AbortSignal, turn: Turn): AsyncIterable<SweepStep>;
  ended(sweep: string, state: Job["state"]): Promise<void>;
}

export function createSweepJobs(services: SweepJobServices): (sweep: string) => JobWork {
  return (sweep) => {
    const failures: Job["failures"] = [];
    let told: Progress | undefined;
    return {
      title: sweepTitle(services.nameOf(sweep)),
      place: "sweep",
      async *steps(signal, turn) {
        for await (const step of services.work(sweep, signal, turn)) {
          if (step.type === "progress") {
            told = step.progress;
            yield { changes: { progress: step.progress }, now: false };
          } else if (step.type === "failed") {
            const { label, path, error } = step;
            failures.push({ label, path, error });
            yield { changes: { failures: [...failures] }, now: true };
          }
        }
      },
      kept: () => keptInWords(Math.floor(told?.done ?? 0), told?.total ?? 0, "run"),
      // What could not be stored shows as paused when the workspace is opened again.
      ended: (state) => services.ended(sweep, state).catch(() => undefined),
    };
  };
}

/** "Sweep ranks". */
export function sweepTitle(name: string): string {
  return `Sweep ${name}`;
}
