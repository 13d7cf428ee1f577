/** Fine-tunes and sweeps of an open workspace, and what they take from the rest of the engine. */
import { tmpdir, userInfo } from "node:os";
import { basename, join } from "node:path";
import { analysisSettings } from "../../contract/domain/analysis.ts";
import type { Job, JobQuestion } from "../../contract/domain/job.ts";
import type { SweepJobSpec, TrainingSpec } from "../../contract/domain/training.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { runAnalysis } from "../analysis/run.ts";
import { runEvaluation } from "../evaluation/run.ts";
import { readTask } from "../evaluation/tasks/read-task.ts";
import type { JobWork } from "../jobs/job-work.ts";
import { createSweepJobs } from "../jobs/sweep-job.ts";
import { createTrainingJobs } from "../jobs/training-job.ts";
import type { Library } from "../library/library.ts";
import type { Store } from "../store/types.ts";
import { readBaseModel } from "../training/base-model.ts";
import { deviceOf } from "../training/devices.ts";
import { recentEnvironment, requirePython } from "../training/environment/find.ts";
import { growthOf } from "../training/growth.ts";
import { questionOf } from "../training/memory.ts";
import { keepPeak } from "../training/peaks.ts";
import { resolveRecipe } from "../training/recipes/resolve.ts";
import type { Permit } from "../training/runs/begin.ts";
import { createDeviceLocks } from "../training/runs/device-lock.ts";
import type { TrainingServices } from "../training/runs/services.ts";
import { createTrainings, type Trainings } from "../training/runs/trainings.ts";
import type { MeasureServices } from "../training/sweeps/measure-cell.ts";
import { createSweeps, type Sweeps } from "../training/sweeps/sweeps.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { askSweep } from "./ask-sweep.ts";
import { scoringParts } from "./scoring.ts";
import type { Services } from "./services.ts";
import { readSettings } from "./settings.ts";
import { taskFigures } from "./task-figures.ts";

export interface TrainingParts {
  trainings: Trainings;
  sweeps: Sweeps;
  /** Before the end of the program: what may outlive it goes on by itself. */
  leave(): void;
}

interface Place {
  store: Store;
  library: Library;
  workspace: Workspace;
}

export async function openTrainingParts(context: Services, place: Place): Promise<TrainingParts> {
  const { store, workspace } = place;
  const services = trainingServices(context, place);
  const trainings = await createTrainings(services);
  const measures = measureServices(context, store);
  const sweeps = await createSweeps({
    ...services,
    ...measures,
    store,
    trainings,
    folder: join(workspace.folder, "sweeps"),
  });
  const leave = (): void => {
    trainings.leave();
    sweeps.leave();
  };
  return { trainings, sweeps, leave };
}

/** Holds the folders of runs that nobody named a place for. */
export function runsFolder({ folder }: Workspace): string {
  return join(folder, "runs");
}

function trainingServices(context: Services, { store, library, workspace }: Place): TrainingServices {
  const environment = async () => recentEnvironment((await readSettings(store)).python ?? undefined);
  return {
    store,
    folder: runsFolder(workspace),
    resolve: resolveRecipe,
    python: async () => requirePython(await environment()),
    devices: async () => (await environment()).devices.map(({ id }) => id),
    locks: createDeviceLocks(lockFolder()),
    unattended: async () => (await readSettings(store)).trainingsAtClose === "keep-training",
    backend: context.backend,
    async turn(work, signal) {
      const analyses = context.jobs.runJob("analysis", (job) => oneAnswer(work(job.signal)), { signal });
      for await (const answer of analyses) return answer;
      throw new DeltaScopeError("job.cancelled", "The measuring was cancelled.");
    },
    async keepPeak(config, bytes) {
      const [{ devices }, model] = await Promise.all([environment(), readBaseModel(config.base.path)]);
      await keepPeak(questionOf(config, model, deviceOf(config.device, devices)), bytes, store);
    },
    publish: (run) => context.hub.publish({ type: "training", run }),
    async keep({ path, label, base }) {
      const [before] = await library.add([base]);
      const [item] = await library.add([path], label);
      if (item && before && item.base === null) await library.assignBase(item.id, before.id);
    },
  };
}

async function* oneAnswer<T>(answer: Promise<T>): AsyncGenerator<T, void> {
  yield await answer;
}

/** Every workspace of this user shares the devices of this machine. */
function lockFolder(): string {
  return join(tmpdir(), `deltascope-devices-${userInfo().username.replace(/\W/g, "-")}`);
}

function measureServices(context: Services, store: Store): MeasureServices {
  return {
    async readTasks(files) {
      for (const file of files) await readTask({ name: basename(file), file, role: "retain" }, { seed: 0 });
    },
    async score({ base, tuned }, files, signal) {
      const { evaluation, threads } = await scoringParts(context);
      const named = (file: string, index: number) => ({ name: `${index + 1} ${basename(file)}`, file });
      const tasks = files.map(named).map((task) => ({ ...task, role: "retain" as const }));
      const settings = { vocab: "model", seed: 0, chatTemplate: false } as const;
      const scoreOne = (variant: { base: string; tuned?: string }): Promise<number[]> => {
        const question = { variant, tasks, settings, threads };
        const work = (job: { signal: AbortSignal }) => runEvaluation(question, evaluation, job.signal);
        return taskFigures(context.jobs.runJob("scoring", work, { signal }), tasks);
      };
      await scoreOne({ base }); // it is kept: comparisons ask for both
      const figures = await scoreOne({ base, tuned });
      context.hub.publish({ type: "scores-changed" });
      return figures;
    },
    async analyse({ base, tuned, label }, signal) {
      const settings = analysisSettings.parse({});
      const spec = { base, tuned: [{ label, path: tuned }], settings, embeddings: false, threads: 1 };
      const modules = [];
      const services = { backend: context.backend(), store };
      const events = context.jobs.runJob("analysis", (job) => runAnalysis(spec, services, job.signal), { signal });
      for await (const event of events) if (event.type === "module") modules.push(event.module);
      context.hub.publish({ type: "runs-changed" });
      return growthOf(modules);
    },
  };
}

/** A question that names its run or sweep, which is written down here: asking it again goes on with it. */
export async function begunQuestion(
  question: JobQuestion,
  { trainings, sweeps }: TrainingParts,
  permit: Permit,
): Promise<JobQuestion> {
  if (question.kind === "training") {
    return { ...question, spec: { run: (await trainings.begin(question.spec, permit)).id } };
  }
  if (question.kind === "sweep") return { ...question, spec: { id: await sweeps.begin(question.spec, permit) } };
  return question;
}

/** A paused job has no work that could say how it ended. */
export async function endPaused({ state, question }: Job, { trainings, sweeps }: TrainingParts): Promise<void> {
  if (state !== "cancelled") return;
  if (question.kind === "training" && "run" in question.spec) {
    const { run } = question.spec;
    if (trainings.find(run).state === "paused") await trainings.ended(run, "cancelled", null);
  }
  if (question.kind === "sweep" && "id" in question.spec) await sweeps.ended(question.spec.id, "cancelled");
}

export function jobsOfTrainings(
  { trainings, sweeps }: TrainingParts,
  store: Store,
): {
  openTraining(spec: TrainingSpec): JobWork;
  openSweep(spec: SweepJobSpec): JobWork;
} {
  const training = createTrainingJobs({
    nameOf: (run) => trainings.find(run).name,
    work: (run, signal, turn) => trainings.execute(run, signal, { turn }),
    savedStep: (run) => savedStep(trainings.find(run).checkpoint),
    ended: trainings.ended,
  });
  const sweep = createSweepJobs({
    nameOf: sweeps.nameOf,
    async *work(id, signal, turn) {
      yield* sweeps.execute(id, signal, turn);
      await askSweep(await sweeps.document(id), store);
    },
    ended: sweeps.ended,
  });
  return {
    openTraining: (spec) => training("run" in spec ? spec.run : notBegun()),
    openSweep: (spec) => sweep("id" in spec ? spec.id : notBegun()),
  };
}

/** Jobs are opened when they were begun. */
function notBegun(): never {
  throw new DeltaScopeError("internal", "A fine-tune was started that was not written down.");
}

function savedStep(checkpoint: string | null): number | undefined {
  const step = /checkpoint-(\d+)$/.exec(checkpoint ?? "")?.[1];
  return step === undefined ? undefined : Number(step);
}
