/** Analyses: the plan, the stream of results, and their documents. */
import { eventIterator } from "@orpc/contract";
import { z } from "zod";
import { alert } from "../alerts.ts";
import { analysisDocument, analysisSpec, moduleMeasures } from "../domain/analysis.ts";
import { collectDocument, partManifest, shard } from "../domain/part.ts";
import { errorDocument } from "../errors.ts";
import { progress } from "../progress.ts";
import { exportFormat, path, procedure, writtenFile } from "./procedure.ts";

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

/** Events of one shard: those of an analysis, and before the last the part that was written. */
export const shardEvent = z.discriminatedUnion("type", [
  ...analysisEvent.options,
  z.object({ type: z.literal("part"), folder: z.string(), part: partManifest }),
]);
export type ShardEvent = z.infer<typeof shardEvent>;

/** Events of `collect`: a part that is refused is told at once, the others go on. The last one is `collected`. */
export const collectEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("progress"), progress }),
  z.object({ type: z.literal("refused"), path: z.string(), error: errorDocument }),
  z.object({ type: z.literal("collected"), document: collectDocument }),
]);
export type CollectEvent = z.infer<typeof collectEvent>;

/** Parts named at once: those of a large array, twice over. */
const mostParts = 2000;

export const analysisProcedures = {
  /** One shard of an analysis, written to `folder` as a part; what the workspace holds already is not computed again. */
  shard: procedure
    .input(z.object({ spec: analysisSpec, shard, folder: path, overwrite: z.boolean().default(false) }))
    .output(eventIterator(shardEvent)),
  /** Puts parts together in the workspace. */
  collect: procedure
    .input(z.object({ parts: z.array(path).min(1).max(mostParts) }))
    .output(eventIterator(collectEvent)),
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
