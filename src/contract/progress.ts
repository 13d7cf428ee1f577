/** Progress of a long procedure; at most ten events a second reach a listener. */
import { z } from "zod";

export const progress = z.object({
  phase: z.enum([
    "open",
    "plan",
    "analyze",
    "overlap",
    "store",
    "report",
    "score",
    "write",
    "simulate",
    "train",
    "collect",
    "download",
  ]),
  done: z.number(),
  total: z.number(),
  unit: z.string(),
  item: z.string().optional(),
  elapsedSeconds: z.number(),
  remainingSeconds: z.number().optional(),
});
export type Progress = z.infer<typeof progress>;

/** What is done in a second by now, as the time left takes it; undefined as long as that is not known. */
export function presentRate({ done, total, remainingSeconds }: Progress): number | undefined {
  return remainingSeconds === undefined || remainingSeconds <= 0 ? undefined : (total - done) / remainingSeconds;
}
