/** One execution as the app follows it: process, progress, and what became of it. */
import { z } from "zod";
import { errorDocument } from "../errors.ts";
import { progress } from "../progress.ts";
import { analysisSpec } from "./analysis.ts";
import { auditSpec } from "./audit.ts";
import { moduleRow } from "./cells.ts";
import { editSpec } from "./edit.ts";
import { hubDownloadSpec } from "./hub.ts";
import { libraryItem } from "./library.ts";
import { sweepJobSpec, trainingRun, trainingSpec } from "./training.ts";

/** What a job is about, as plain data; asking it again answers what is stored and computes the rest. */
export const jobQuestion = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("analysis"), spec: analysisSpec }),
  z.object({ kind: z.literal("audit"), spec: auditSpec }),
  z.object({ kind: z.literal("edit"), spec: editSpec }),
  z.object({ kind: z.literal("training"), spec: trainingSpec }),
  z.object({ kind: z.literal("sweep"), spec: sweepJobSpec }),
  z.object({ kind: z.literal("download"), spec: hubDownloadSpec }),
]);
export type JobQuestion = z.infer<typeof jobQuestion>;

export const job = z.object({
  id: z.string(),
  question: jobQuestion,
  title: z.string(),
  /** Paused: stopped by its user with what it has kept, to go on when resumed. */
  state: z.enum(["queued", "running", "paused", "finished", "cancelled", "failed"]),
  progress: progress.nullable(),
  error: errorDocument.nullable(),
  /** What was kept, in words, after a cancel or failure. */
  note: z.string().nullable(),
  queuedAt: z.string(),
  finishedAt: z.string().nullable(),
  /** Questions of this job, once it has opened its sources. */
  analyses: z.array(z.string()),
  /** Runs that could not be opened or paired; the others went on. */
  failures: z.array(z.object({ label: z.string(), path: z.string(), error: errorDocument })),
});
export type Job = z.infer<typeof job>;

/**
 * What every open window hears; module rows are gathered, at most ten events a second. `hello` comes first, when jobs
 * were cleared, and in the place of events that a slow listener missed, then with the library and everything that may
 * have changed after it. It replaces all jobs that were known; `runs-changed` says that runs and their rows must be
 * asked again.
 */
export const engineEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello"), jobs: z.array(job) }),
  z.object({ type: z.literal("job"), job }),
  z.object({ type: z.literal("modules"), rows: z.array(moduleRow) }),
  z.object({ type: z.literal("library"), items: z.array(libraryItem) }),
  z.object({ type: z.literal("runs-changed") }),
  /** Answers of evaluations were stored: forgetting tables must be asked again. */
  z.object({ type: z.literal("scores-changed") }),
  z.object({ type: z.literal("pins-changed") }),
  /** A run went on, a few times a second; its history holds more now. Runs of a sweep name it. */
  z.object({ type: z.literal("training"), run: trainingRun }),
]);
export type EngineEvent = z.infer<typeof engineEvent>;
