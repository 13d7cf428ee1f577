/** Documents that commands print with --json, beside the analysis and inspect documents. */
import { z } from "zod";
import { doctorLine, knownTask, storedRun } from "./api.ts";
import { broughtSource, hubAccount, hubTokenStatus } from "./domain/hub.ts";
import { trainingHistory, trainingRun } from "./domain/training.ts";
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

/** `eval --list-tasks --json`: the ready-made tasks and where their data lie. */
export const tasksDocument = z.object({
  schema: z.literal("deltascope.tasks/1"),
  version: z.string(),
  tasks: z.array(knownTask),
});
export type TasksDocument = z.infer<typeof tasksDocument>;

/** `download --json`: what was asked for, what names it from now on, and where it lies. */
export const downloadDocument = z.object({
  schema: z.literal("deltascope.download/1"),
  version: z.string(),
  models: z.array(broughtSource.extend({ asked: z.string() })),
});
export type DownloadDocument = z.infer<typeof downloadDocument>;

/** `hub token … --json`; the account only where the Hub was asked. */
export const hubTokenDocument = hubTokenStatus.extend({
  schema: z.literal("deltascope.hub-token/1"),
  version: z.string(),
  account: hubAccount.nullable(),
});
export type HubTokenDocument = z.infer<typeof hubTokenDocument>;

/** `doctor --json`. */
export const doctorDocument = z.object({
  schema: z.literal("deltascope.doctor/1"),
  version: z.string(),
  checks: z.array(doctorLine),
});
export type DoctorDocument = z.infer<typeof doctorDocument>;

/** `train --json`, and `runs NAME --json`. */
export const trainingDocument = trainingHistory.extend({
  schema: z.literal("deltascope.training/1"),
  version: z.string(),
});
export type TrainingDocument = z.infer<typeof trainingDocument>;

/** `sweep --print-jobs --json`: one command for each run that is not trained yet, for a POSIX shell. */
export const jobsDocument = z.object({
  schema: z.literal("deltascope.jobs/1"),
  version: z.string(),
  commands: z.array(z.string()),
});
export type JobsDocument = z.infer<typeof jobsDocument>;

/** `runs --json`. */
export const trainingsDocument = z.object({
  schema: z.literal("deltascope.trainings/1"),
  version: z.string(),
  runs: z.array(trainingRun),
});
export type TrainingsDocument = z.infer<typeof trainingsDocument>;
