/** Procedures on fine-tunes that were started, and on sweeps. */
import { setTimeout as delay } from "node:timers/promises";
import type { TrainingRun } from "../../contract/domain/training.ts";
import type { NamedPlaces } from "../library/places.ts";
import { readSweep } from "../training/sweeps/read-sweep.ts";
import { procedures } from "./base.ts";
import { placesOfSweep } from "./places.ts";
import type { Opened, Services } from "./services.ts";
import { checkTrainingPlaces } from "./training-places.ts";

/** A stopped run answers within this time, with its end where that came sooner. */
const stopWaitMs = 900;
const pauseMs = 50;

export const trainingRuns = {
  runs: procedures.training.runs.handler(async ({ context }) => (await context.open()).training.trainings.runs()),
  run: procedures.training.run.handler(async ({ input, context }) =>
    (await context.open()).training.trainings.history(input.run),
  ),
  log: procedures.training.log.handler(async ({ input, context }) => ({
    lines: await (await context.open()).training.trainings.log(input.run),
  })),
  checkpoint: procedures.training.checkpoint.handler(async ({ input, context }) => {
    const { trainings } = (await context.open()).training;
    return trainings.checkpoint(input.run);
  }),
  stop: procedures.training.stop.handler(async ({ input, context }) => stop(await context.open(), input)),
  sweeps: procedures.training.sweeps.handler(async ({ context }) => (await context.open()).training.sweeps.list()),
  sweep: procedures.training.sweep.handler(async ({ input, context }) =>
    (await context.open()).training.sweeps.document(input.sweep),
  ),
  readSweep: procedures.training.readSweep.handler(async ({ input, context }) => {
    await checkTrainingPlaces(context, { sources: [], files: [input.file] });
    return readSweep(input.file);
  }),
  sweepNeeds: procedures.training.sweepNeeds.handler(async ({ input, context }) => {
    await checkTrainingPlaces(context, placesOfSweep(input));
    return { missing: await (await context.open()).training.sweeps.needs(input, permitOf(context)) };
  }),
  plan: procedures.training.plan.handler(async ({ input, context }) => {
    await checkTrainingPlaces(context, placesOfSweep(input));
    return (await context.open()).training.sweeps.plan(input, permitOf(context));
  }),
  printJobs: procedures.training.printJobs.handler(async ({ input, context }) => {
    await checkTrainingPlaces(context, placesOfSweep(input));
    return { commands: await (await context.open()).training.sweeps.printJobs(input, permitOf(context)) };
  }),
};

function permitOf(context: Services): (named: NamedPlaces) => Promise<void> {
  return (named) => checkTrainingPlaces(context, named);
}

/** A run that has not begun is cancelled with its job. */
async function stop(
  { training, queue }: Opened,
  { run, checkpoint }: { run: string; checkpoint: boolean },
): Promise<TrainingRun> {
  const { trainings } = training;
  if (!trainings.stop(run, checkpoint)) {
    const job = queue.list().find(({ question }) => isJobOf(question, run));
    if (job) await queue.cancel(job.id);
  }
  for (const end = Date.now() + stopWaitMs; Date.now() < end && isLive(trainings.find(run)); ) await delay(pauseMs);
  return trainings.find(run);
}

function isJobOf(question: ReturnType<Opened["queue"]["list"]>[number]["question"], run: string): boolean {
  return question.kind === "training" && "run" in question.spec && question.spec.run === run;
}

function isLive({ state }: TrainingRun): boolean {
  return state === "running" || state === "stalled" || state === "queued";
}
