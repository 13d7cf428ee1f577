/** Documents that commands print with --json, beside the analysis and inspect documents. */
import { z } from "zod";
import { doctorLine, storedRun } from "./api.ts";
import { errorDocument } from "./errors.ts";

/** What any command prints when it fails. */
export const failureDocument = z.object({ error: errorDocument });

/** `compare --json` without names. */
export const runsDocument = z.object({
  schema: z.literal("deltascope.runs/1"),
  version: z.string(),
  runs: z.array(storedRun),
});
export type RunsDocument = z.infer<typeof runsDocument>;

/** `doctor --json`. */
export const doctorDocument = z.object({
  schema: z.literal("deltascope.doctor/1"),
  version: z.string(),
  checks: z.array(doctorLine),
});
export type DoctorDocument = z.infer<typeof doctorDocument>;
