/** Analyses: the plan, the stream of results, and their documents. */
import { eventIterator } from "@orpc/contract";
import { z } from "zod";
import { alert } from "../alerts.ts";
import { analysisDocument, analysisSpec, moduleMeasures } from "../domain/analysis.ts";
import { errorDocument } from "../errors.ts";
import { progress } from "../progress.ts";
import { exportFormat, procedure, writtenFile } from "./procedure.ts";

/** What will be done, its cost and its memory, before anything is read. */
export const analysisPlan = z.object({
  modules: z.number().int(),
  units: z.number().int(),
  stored: z.number().int(),
  bytesToRead: z.number(),
  flops: z.number(),
  peakMemoryBytes: z.number(),
  estimatedSeconds: z.number(),
});
export type AnalysisPlan = z.infer<typeof analysisPlan>;

/** One event of a running analysis. The last one is `finished` or `failed`. */
export const analysisEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("started"),
    job: z.string(),
    threads: z.number().int(),
    /** Ids of the questions, in the order of the runs that opened and paired. */
    analyses: z.array(z.object({ label: z.string(), analysis: z.string() })),
  }),
  z.object({ type: z.literal("plan"), plan: analysisPlan }),
  z.object({ type: z.literal("progress"), progress }),
  z.object({ type: z.literal("alert"), alert, run: z.string().optional() }),
  z.object({ type: z.literal("run-failed"), label: z.string(), path: z.string(), error: errorDocument }),
  z.object({
    type: z.literal("module"),
    run: z.string(),
    analysis: z.string(),
    module: moduleMeasures,
    stored: z.boolean(),
  }),
  z.object({ type: z.literal("finished"), analysis: z.string() }),
]);
export type AnalysisEvent = z.infer<typeof analysisEvent>;

export const analysisProcedures = {
  run: procedure.input(analysisSpec).output(eventIterator(analysisEvent)),
  document: procedure.input(z.object({ analysis: z.string() })).output(analysisDocument),
  export: procedure
    .input(
      z.object({
        analysis: z.string(),
        format: exportFormat,
        file: z.string(),
        overwrite: z.boolean().default(false),
      }),
    )
    .output(writtenFile),
};
