/** Measures what a run has saved, one checkpoint after the other, beside the training. */
import { toDeltaScopeError } from "../../../contract/errors.ts";
import { measureGrowth } from "../growth.ts";
import type { LiveRun } from "./live-run.ts";
import type { TrainingServices } from "./services.ts";

/** With more than this waiting the machine is too slow for every checkpoint; the newest ones are measured. */
const mostWaiting = 4;

export interface GrowthWatch {
  /** A checkpoint was sealed. */
  add(checkpoint: { step: number; path: string }): void;
  /** Until everything that waits is measured. Never throws. */
  done(): Promise<void>;
}

export function watchGrowth(live: LiveRun, services: TrainingServices, signal: AbortSignal): GrowthWatch {
  const { config } = live.record().run;
  let waiting: { step: number; path: string }[] = [];
  let work: Promise<void> | undefined;
  const measure = async (checkpoint: { step: number; path: string }): Promise<void> => {
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
  const workOff = async (): Promise<void> => {
    for (let next = waiting.shift(); next && !signal.aborted; next = waiting.shift()) await measure(next);
    work = undefined;
  };
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
