/** What evaluations and audits share: the plan and the events of scoring. */
import { z } from "zod";
import { alert } from "../alerts.ts";
import { arm } from "../domain/edit.ts";
import { errorDocument } from "../errors.ts";
import { progress } from "../progress.ts";

/** Work that scoring will take, shown before it starts. */
export const scoringPlan = z.object({
  variants: z.number().int(),
  items: z.number().int(),
  /** Items whose answers are stored already. */
  stored: z.number().int(),
  /** Tokens to run, after sharing. */
  tokens: z.number(),
  peakMemoryBytes: z.number(),
  estimatedSeconds: z.number(),
  /** Smallest difference in accuracy that each task's items can show (80 % power). */
  detectable: z.array(z.object({ task: z.string(), items: z.number().int(), difference: z.number().nullable() })),
});
export type ScoringPlan = z.infer<typeof scoringPlan>;

/** Events of every evaluation and audit; `scored` says that a variant's answers to a task are stored. */
export const scoringEvents = [
  z.object({ type: z.literal("plan"), plan: scoringPlan }),
  z.object({ type: z.literal("progress"), progress }),
  z.object({ type: z.literal("alert"), alert, run: z.string().optional() }),
  z.object({ type: z.literal("run-failed"), label: z.string(), path: z.string(), error: errorDocument }),
  z.object({
    type: z.literal("scored"),
    label: z.string(),
    task: z.string(),
    arm,
    lambda: z.number(),
    value: z.number(),
    stored: z.boolean(),
  }),
] as const;
