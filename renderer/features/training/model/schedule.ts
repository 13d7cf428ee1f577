/** The learning rate that a run will follow: warm-up, then its schedule, by the same rule as the trainer's. */
import type { RunConfig } from "../../../../src/contract/domain/training.ts";

export type Scheduled = Pick<RunConfig, "learning_rate" | "schedule" | "warmup">;

/** Points of a drawn schedule; a straight line between two of them cannot be told from the curve. */
const drawnPoints = 60;

/** Rate of a step, counted from 1 to `steps`. */
export function rateAt({ learning_rate: peak, schedule, warmup }: Scheduled, step: number, steps: number): number {
  const rising = Math.ceil(warmup * steps);
  const before = step - 1;
  if (before < rising) return ((peak ?? 0) * step) / rising;
  const share = Math.min(1, (before - rising) / Math.max(1, steps - rising));
  return (peak ?? 0) * factors[schedule](share);
}

const factors: Record<RunConfig["schedule"], (share: number) => number> = {
  cosine: (share) => (1 + Math.cos(Math.PI * share)) / 2,
  linear: (share) => 1 - share,
  constant: () => 1,
};

/** From a step to the last one. */
export function ratesAhead(config: Scheduled, from: number, steps: number): { x: number; y: number }[] {
  if (config.learning_rate === null || steps <= from) return [];
  const stride = Math.max(1, Math.ceil((steps - from) / drawnPoints));
  const places = Array.from({ length: Math.ceil((steps - from) / stride) }, (_, index) => from + index * stride);
  return [...places, steps].map((x) => ({ x, y: rateAt(config, Math.max(1, x), steps) }));
}
