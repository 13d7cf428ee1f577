/** Addresses of Fine-tune: a draft travels in its address, so reload, back and links keep it. */
import { z } from "zod";

/** A recipe with every field set is shorter. */
const longestDraft = 12_000;

const draft = z.coerce.string().max(longestDraft).optional().catch(undefined);

export const newRunSearch = z.object({
  /** Name of a preset, or the draft as JSON. */
  recipe: draft,
});

export const outcomes = ["accuracy", "oldTasks", "intruders", "effectiveRank"] as const;
export type Outcome = (typeof outcomes)[number];
export const outcomeAxes = ["noise", "examples", "rank"] as const;
export type OutcomeAxis = (typeof outcomeAxes)[number];

export const sweepSearch = z.object({
  recipe: draft,
  /** Axes of a sweep that is being planned, as JSON. */
  axes: draft,
  outcome: z.enum(outcomes).optional().catch(undefined),
  x: z.enum(outcomeAxes).optional().catch(undefined),
});
export type SweepSearch = z.infer<typeof sweepSearch>;

export const liveSearch = z.object({
  /** What the libraries wrote, in place of what happened. */
  log: z.literal("output").optional().catch(undefined),
  /** Words that shown lines of the log contain. */
  q: z.coerce.string().max(200).optional().catch(undefined),
});
export type LiveSearch = z.infer<typeof liveSearch>;

export const historySearch = z.object({
  q: z.coerce.string().max(200).optional().catch(undefined),
});
