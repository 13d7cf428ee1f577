/** Fine-tunes as jobs: pausing one saves a checkpoint, resuming it goes on from there. */
import type { Job } from "../../contract/domain/job.ts";
import type { ErrorDocument } from "../../contract/errors.ts";
import { toDeltaScopeError } from "../../contract/errors.ts";
import type { Progress } from "../../contract/progress.ts";
import type { JobWork } from "./job-work.ts";
import type { Turn } from "./semaphore.ts";

export interface TrainingJobServices {
  /** Its shown name. */
  nameOf(run: string): string;
  work(run: string, signal: AbortSignal, turn: Turn): AsyncIterable<Progress>;
  /** Step of the newest checkpoint; undefined where none was saved. */
  savedStep(run: string): number | undefined;
  ended(run: string, state: Job["state"], error: ErrorDocument | null): Promise<void>;
}

export function createTrainingJobs(services: TrainingJobServices): (run: string) => JobWork {
  return (run) => {
    let failure: ErrorDocument | null = null;
    return {
      title: trainingTitle(services.nameOf(run)),
      place: "training",
      waits: true,
      async *steps(signal, turn) {
        try {
          for await (const progress of services.work(run, signal, turn)) yield { changes: { progress }, now: false };
        } catch (thrown) {
          failure = toDeltaScopeError(thrown).toDocument();
          throw thrown;
        }
      },
      kept: () => keptOf(services.savedStep(run)),
      // What could not be stored shows as interrupted when the workspace is opened again.
      ended: (state) => services.ended(run, state, state === "failed" ? failure : null).catch(() => undefined),
    };
  };
}

/** "Fine-tune quick-demo". */
export function trainingTitle(name: string): string {
  return `Fine-tune ${name}`;
}

function keptOf(step: number | undefined): string {
  return step === undefined ? "No checkpoint was saved yet." : `The checkpoint of step ${step} is kept.`;
}
