/** Recipes, runs and sweeps of training. */
import { eventIterator } from "@orpc/contract";
import { z } from "zod";
import { hubNeed } from "../domain/hub.ts";
import {
  dataPreview,
  diskRoom,
  memoryEstimate,
  newSweep,
  prepareEvent,
  preset,
  recipeQuestion,
  recipeResolution,
  runConfig,
  sweepDocument,
  sweepSummary,
  trainingEnvironment,
  trainingHistory,
  trainingRun,
} from "../domain/training.ts";
import { path, procedure } from "./procedure.ts";

export const trainingProcedures = {
  /** The recipes that come with the program. */
  presets: procedure.output(z.array(preset)),
  /**
   * Which Python trains, and what it has; probing takes seconds and is remembered until `refresh`. `python` asks
   * about that interpreter in place of the one in use.
   */
  environment: procedure
    .input(z.object({ python: path.optional(), refresh: z.boolean().default(false) }))
    .output(trainingEnvironment),
  /** Makes the managed environment from the pinned requirements; what stood there stays until the new one works. */
  prepare: procedure.output(eventIterator(prepareEvent)),
  /** Fills a recipe in and checks it against the base, the data and the disk. */
  resolve: procedure.input(recipeQuestion).output(recipeResolution),
  /** What would be trained on, made by the trainer's own code. */
  preview: procedure.input(runConfig).output(dataPreview),
  estimate: procedure.input(runConfig).output(memoryEstimate),
  /** What was started last comes first. */
  runs: procedure.output(z.array(trainingRun)),
  run: procedure.input(z.object({ run: z.string() })).output(trainingHistory),
  /** The last lines that the trainer wrote for people. */
  log: procedure.input(z.object({ run: z.string() })).output(z.object({ lines: z.array(z.string()) })),
  /** Ends a run after its current step; answers it after about a second, ended where that came sooner. */
  stop: procedure.input(z.object({ run: z.string(), checkpoint: z.boolean() })).output(trainingRun),
  /** Saves a checkpoint after the current step and goes on. */
  checkpoint: procedure.input(z.object({ run: z.string() })).output(trainingRun),
  sweeps: procedure.output(z.array(sweepSummary)),
  sweep: procedure.input(z.object({ sweep: z.string() })).output(sweepDocument),
  /** Reads a sweep from its YAML file. */
  readSweep: procedure.input(z.object({ file: path })).output(newSweep),
  /** What a sweep names by an id of the Hub and what is not on this machine. */
  sweepNeeds: procedure.input(newSweep).output(z.object({ missing: z.array(hubNeed) })),
  /** Grid of a sweep before it starts. */
  plan: procedure
    .input(newSweep)
    .output(z.object({ cells: z.array(sweepDocument.shape.cells.element), disk: diskRoom })),
  /** Writes a sweep's configurations into its folder; answers one command for each run that is missing. */
  printJobs: procedure.input(newSweep.extend({ out: z.string() })).output(z.object({ commands: z.array(z.string()) })),
};
