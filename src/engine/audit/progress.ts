/** How far a whole audit is, from what each of its models reports. */
import type { Progress } from "../../contract/progress.ts";
import { ProgressMeter } from "../jobs/progress.ts";

export interface AuditProgress {
  /** The whole audit's progress while one model is at `progress`. */
  within(progress: Progress, name: string): Progress;
  /** A model is done; it had so many items. */
  leave(items: number): void;
  /** A model will not be done: what is missing of its items no longer counts, so that the figures tell what is kept. */
  forgo(items: number): void;
}

/**
 * @param items of all models together
 * @param now seconds, for tests
 */
export function startProgress(items: number, now: () => number = () => performance.now() / 1000): AuditProgress {
  const started = now();
  const meter = new ProgressMeter({ phase: "score", unit: "items", total: items, cost: items }, now);
  let total = items;
  let before = 0;
  /** Of the model that is being scored. */
  let inside = 0;
  let told = 0;
  let remainingSeconds: number | undefined;
  return {
    within(progress, name) {
      if (progress.phase !== "score") return progress;
      inside = progress.done;
      const done = Math.max(told, Math.min(total, before + inside));
      const step = done - told;
      told = done;
      remainingSeconds = meter.advance(step, step)?.remainingSeconds ?? remainingSeconds;
      const item = [name, progress.item].filter((part) => part !== undefined).join(": ");
      return { ...progress, done, total, item, elapsedSeconds: now() - started, remainingSeconds };
    },
    leave(left) {
      before = Math.min(total, before + left);
      inside = 0;
    },
    forgo(given) {
      const missing = Math.max(0, given - inside);
      meter.forgo(missing, missing);
      total -= missing;
      before += inside;
      inside = 0;
    },
  };
}
