/** What would be trained on. */
import { z } from "zod";
import { alert } from "../../alerts.ts";

/** One rendered row: text pieces with their tokens, and which of them are trained. */
export const previewRow = z.object({
  key: z.string(),
  line: z.number().int(),
  tokens: z.array(z.object({ text: z.string(), id: z.number().int(), trained: z.boolean() })),
  cut: z.boolean(),
  /** The answer after label noise, where it was flipped. */
  flippedFrom: z.string().nullable(),
});

export const dataPreview = z.object({
  rows: z.number().int(),
  training: z.number().int(),
  validation: z.number().int(),
  steps: z.number().int().nullable(),
  tokens: z.object({ median: z.number(), p95: z.number(), maximum: z.number(), answers: z.number() }),
  /** Counts of rows by token count. */
  histogram: z.array(z.object({ upTo: z.number().int(), rows: z.number().int() })),
  cutShare: z.number(),
  labels: z.array(z.object({ label: z.string(), rows: z.number().int(), flipped: z.number().int() })),
  examples: z.array(previewRow),
  /** Empty answers, over-long rows, leakage between training and evaluation, wrong labels, with row numbers. */
  checks: z.array(alert.extend({ lines: z.array(z.number().int()) })),
});
export type DataPreview = z.infer<typeof dataPreview>;
