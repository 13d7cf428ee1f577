/** What the queue knows of a job: how one execution begins, what its events change, and what is left when it stops. */
import type { Job } from "../../contract/domain/job.ts";
import type { Turn } from "./semaphore.ts";

/** Work that takes turns: one analysis, one scoring and one edit at a time, each of which fills the threads it is given. */
export type Place = "analysis" | "scoring" | "edit" | "exact-view" | "training" | "sweep" | "download";

/** Something changed in a job's card. */
export interface JobStep {
  changes: Partial<Pick<Job, "progress" | "analyses" | "failures">>;
  /** Tell it at once; else it may wait for the next telling. */
  now: boolean;
}

/** One execution of a question; nothing begins before `steps` is read. */
export interface JobWork {
  title: string;
  place: Place;
  /** It takes turns for a device itself: it runs from its first step on. */
  waits?: boolean;
  /** Ends when the work is done; throws what stopped it, `job.cancelled` after the signal. `turn` is the job's place. */
  steps(signal: AbortSignal, turn: Turn): AsyncIterable<JobStep>;
  /** What was kept of a job that did not finish, in words. */
  kept(): string;
  /** Called when the job's card says how it ended; paused where its user, or the end of the program, stopped it. */
  ended(state: Job["state"]): void | Promise<void>;
}

/** Labels that a title names before it counts them. */
const mostNamed = 3;

/** "fft and lora-r4"; "7 runs" where there are many. */
export function runsInWords(labels: readonly string[]): string {
  const last = labels.at(-1) ?? "";
  if (labels.length > mostNamed) return `${labels.length} runs`;
  return labels.length === 1 ? last : `${labels.slice(0, -1).join(", ")} and ${last}`;
}

/** "2 of 4 modules are kept."; `unit` in the singular. */
export function keptInWords(kept: number, total: number, unit: string): string {
  if (total === 0) return "Nothing was computed yet.";
  return `${kept} of ${total} ${total === 1 ? `${unit} is` : `${unit}s are`} kept.`;
}
