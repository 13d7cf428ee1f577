/** How far a whole audit is, from what each of its models reports. */
import type { Progress } from "../../contract/progress.ts";
import { ProgressMeter } from "../jobs/progress.ts";

export interface AuditProgress {
  /** The whole audit's progress while one model is at `progress`. */
  within(progress: Progress, name: string): Progress;
  /** A model is done, or will not be done; it had so many items. */
  leave(items: number): void;
}

/**
 * @param items of all models together
 * @param now seconds, for tests
 */
export function startProgress(items: number, now: () => number = () => performance.now() / 1000): AuditProgress {
  const started = now();
  const meter = new ProgressMeter({ phase: "score", unit: "items", total: items, cost: items }, now);
  let before = 0;
  let told = 0;
  let remainingSeconds: number | undefined;
  return {
    within(progress, name) {
      if (progress.phase !== "score") return progress;
      const done = Math.max(told, Math.min(items, before + progress.done));
      const step = done - told;
      told = done;
      remainingSeconds = meter.advance(step, step)?.remainingSeconds ?? remainingSeconds;
      const item = [name, progress.item].filter((part) => part !== undefined).join(": ");
      return { ...progress, done, total: items, item, elapsedSeconds: now() - started, remainingSeconds };
    },
    leave(left) {
      before = Math.min(items, before + left);
    },
  };
}
