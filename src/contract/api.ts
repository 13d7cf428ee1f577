/** Every procedure and event stream of the engine. */
import { eventIterator, oc } from "@orpc/contract";
import { z } from "zod";
import { alert } from "./alerts.ts";
import { analysisDocument, analysisSpec, moduleMeasures } from "./domain/analysis.ts";
import { inspection } from "./domain/checkpoint.ts";
import { errorDocument } from "./errors.ts";
import { progress } from "./progress.ts";

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
  z.object({ type: z.literal("started"), job: z.string(), threads: z.number().int() }),
  z.object({ type: z.literal("plan"), plan: analysisPlan }),
  z.object({ type: z.literal("progress"), progress }),
  z.object({ type: z.literal("alert"), alert, run: z.string().optional() }),
  z.object({ type: z.literal("run-failed"), label: z.string(), path: z.string(), error: errorDocument }),
  z.object({ type: z.literal("module"), run: z.string(), module: moduleMeasures, stored: z.boolean() }),
  z.object({ type: z.literal("finished"), analysis: z.string() }),
]);
export type AnalysisEvent = z.infer<typeof analysisEvent>;

export const storedRun = z.object({
  id: z.string(),
  analysis: z.string(),
  label: z.string(),
  kind: z.enum(["adapter", "full"]),
  path: z.string(),
  basePath: z.string(),
  finishedAt: z.string().nullable(),
  state: z.enum(["running", "finished", "cancelled", "failed", "interrupted"]),
  modules: z.number().int(),
});
export type StoredRun = z.infer<typeof storedRun>;

export const exportFormat = z.enum(["json", "csv", "parquet", "html"]);
export type ExportFormat = z.infer<typeof exportFormat>;

export const doctorLine = z.object({
  check: z.string(),
  status: z.enum(["ok", "warning", "missing"]),
  detail: z.string(),
  remedy: z.string().optional(),
});
export type DoctorLine = z.infer<typeof doctorLine>;

/** Where the bundled demo was put, ready for `analysis.run`. */
export const demoCopy = z.object({
  folder: z.string(),
  base: z.string(),
  tuned: z.array(z.object({ label: z.string(), path: z.string() })),
});
export type DemoCopy = z.infer<typeof demoCopy>;

export const contract = {
  inspect: oc.input(z.object({ path: z.string() })).output(inspection),
  analysis: {
    run: oc.input(analysisSpec).output(eventIterator(analysisEvent)),
    document: oc.input(z.object({ analysis: z.string() })).output(analysisDocument),
    export: oc
      .input(
        z.object({
          analysis: z.string(),
          format: exportFormat,
          file: z.string(),
          overwrite: z.boolean().default(false),
        }),
      )
      .output(z.object({ file: z.string(), bytes: z.number() })),
  },
  runs: {
    list: oc.output(z.array(storedRun)),
    compare: oc.input(z.object({ runs: z.array(z.string()).min(1) })).output(analysisDocument),
  },
  /** Copies the bundled demo to `folder`, by default into the workspace; files that stand there already are kept. */
  demo: oc.input(z.object({ folder: z.string().optional() })).output(demoCopy),
  doctor: oc.output(z.array(doctorLine)),
};
export type Contract = typeof contract;
