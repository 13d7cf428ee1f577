/** Procedures around a fine-tune before it starts: recipes, Python, data and memory. */
import type { MemoryEstimate, RunConfig, TrainingEnvironment } from "../../contract/domain/training.ts";
import { freeBytesAt } from "../source/free-bytes.ts";
import { readBaseModel } from "../training/base-model.ts";
import { deviceOf } from "../training/devices.ts";
import { findEnvironment, recentEnvironment, requirePython } from "../training/environment/find.ts";
import { prepareEnvironment } from "../training/environment/prepare.ts";
import { estimateMemory, questionOf, roomOf } from "../training/memory.ts";
import { withMeasured } from "../training/peaks.ts";
import { previewData } from "../training/preview.ts";
import { presets } from "../training/recipes/presets.ts";
import { resolveRecipe } from "../training/recipes/resolve.ts";
import { remedyFor } from "../training/remedy.ts";
import { bytesOfRun } from "../training/runs/disk.ts";
import { procedures } from "./base.ts";
import { checkPlaces } from "./places.ts";
import { checkPython } from "./python-place.ts";
import type { Services } from "./services.ts";
import { readSettings } from "./settings.ts";
import { runsFolder } from "./training-parts.ts";
import { checkTrainingPlaces, placesOfRun } from "./training-places.ts";

/** The Python that trains, with what it has; found a moment ago or now. */
export async function trainingEnvironmentOf(context: Services): Promise<TrainingEnvironment> {
  return recentEnvironment(await pythonSetting(context));
}

async function pythonSetting(context: Services): Promise<string | undefined> {
  return (await readSettings(await context.store())).python ?? undefined;
}

async function estimate(config: RunConfig, context: Services): Promise<MemoryEstimate> {
  const [{ devices }, model] = await Promise.all([trainingEnvironmentOf(context), readBaseModel(config.base.path)]);
  const device = deviceOf(config.device, devices);
  const formula = estimateMemory(config, model, device);
  const { store, workspace } = await context.open();
  const measured = await withMeasured(questionOf(config, model, device), formula, store);
  const room = roomOf(config, device);
  const fits = room <= 0 || measured.totalBytes <= room;
  const disk = { neededBytes: await bytesOfRun(config), freeBytes: await freeBytesAt(runsFolder(workspace)) };
  const remedy = fits ? null : (remedyFor(config, model, devices) ?? null);
  return { ...formula, ...measured, device: { ...device, freeBytes: room }, fits, remedy, disk };
}

export const trainingSetup = {
  presets: procedures.training.presets.handler(() => presets()),
  environment: procedures.training.environment.handler(async ({ input: { python, refresh }, context, signal }) => {
    if (python !== undefined) await checkPython(context, python);
    return findEnvironment({ setting: python ?? (await pythonSetting(context)), refresh, signal });
  }),
  prepare: procedures.training.prepare.handler(async function* ({ signal }) {
    yield* prepareEnvironment({ signal });
  }),
  resolve: procedures.training.resolve.handler(async ({ input, context }) => {
    if ("file" in input) await checkTrainingPlaces(context, { sources: [], files: [input.file] });
    else if (input.folder !== undefined) await checkPlaces(context, { files: [input.folder] });
    return resolveRecipe(input, { permit: (named) => checkTrainingPlaces(context, named) });
  }),
  preview: procedures.training.preview.handler(async ({ input, context, signal }) => {
    await checkTrainingPlaces(context, placesOfRun(input));
    return previewData(requirePython(await trainingEnvironmentOf(context)), input, signal);
  }),
  estimate: procedures.training.estimate.handler(async ({ input, context }) => {
    await checkTrainingPlaces(context, placesOfRun(input));
    return estimate(input, context);
  }),
};
