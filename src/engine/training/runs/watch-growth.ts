/** Measures what a run has saved, one checkpoint after the other, beside the training. */
import { toDeltaScopeError } from "../../../contract/errors.ts";
import { measureGrowth } from "../growth.ts";
import type { LiveRun } from "./live-run.ts";
import type { TrainingServices } from "./services.ts";

/** With more than this waiting the machine is too slow for every checkpoint; the newest ones are measured. */
const mostWaiting = 4;

interface Saved {
  step: number;
  path: string;
}

export interface GrowthWatch {
  /** A checkpoint was sealed. */
  add(checkpoint: Saved): void;
  /** Until everything that waits is measured. Never throws. */
  done(): Promise<void>;
}

/** @param earlier saved while nobody measured; all that are still there are, after those that come */
export function watchGrowth(
  live: LiveRun,
  earlier: readonly Saved[],
  services: TrainingServices,
  signal: AbortSignal,
): GrowthWatch {
  const { config } = live.record().run;
  const behind = [...earlier];
  let waiting: Saved[] = [];
  let work: Promise<void> | undefined;
  const measure = async (checkpoint: Saved): Promise<void> => {
    const question = { base: config.base.path, ...checkpoint };
    try {
      const point = await services.turn((turn) => measureGrowth(question, services.backend(), turn), signal);
      if (point) live.grow(point);
    } catch (thrown) {
      // Old checkpoints are deleted while they wait for their turn; the next one says more anyway.
      const { code, message } = toDeltaScopeError(thrown);
      if (code === "job.cancelled" || code.startsWith("source.")) return;
      live.warn("growth.not-measured", message);
    }
  };
  const take = (): Saved | undefined => waiting.shift() ?? behind.shift();
  const workOff = async (): Promise<void> => {
    for (let next = take(); next && !signal.aborted; next = take()) await measure(next);
    work = undefined;
  };
  if (behind.length > 0) work = workOff();
  return {
    add(checkpoint) {
      waiting = [...waiting.slice(-mostWaiting + 1), checkpoint];
      work ??= workOff();
    },
    done: async () => {
      while (work) await work;
    },
  };
}
