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
