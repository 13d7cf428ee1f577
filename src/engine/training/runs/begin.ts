/** From a recipe to a run that can start: filled in, checked, with a folder of its own, written down. */
import { join } from "node:path";
import type { RunConfig, TrainingRun, TrainingSpec } from "../../../contract/domain/training.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { isRunFolder, requireFreeFolder } from "../recipes/check-files.ts";
import { faultsOf } from "../recipes/form.ts";
import type { ResolveOptions } from "../recipes/resolve.ts";
import { freshId } from "../run-names.ts";
import { differences } from "../sweeps/config-sha.ts";
import type { TrainingServices } from "./services.ts";

/** Refuses what the caller may not read; undefined where everything may be. */
export type Permit = ResolveOptions["permit"];

export type NewTraining = Exclude<TrainingSpec, { run: string }>;

/** @throws DeltaScopeError `recipe.invalid` naming the fields, `trainer.run-exists`, `output.in-use`, and what reading the recipe throws */
export async function configOf(
  { recipe, name, folder, out, resume }: NewTraining,
  services: Pick<TrainingServices, "resolve">,
  permit: Permit,
): Promise<RunConfig> {
  const question = { recipe, ...(folder !== undefined && { folder }) };
  if (out !== undefined && !resume) await requireFreeFolder(out);
  const { config, problems } = await services.resolve(question, { permit });
  const faults = faultsOf(problems);
  if (config && faults.length === 0) return name === undefined ? config : { ...config, name };
  const sentences = faults.map(({ field, message }) => (field === "" ? message : `${field}: ${message}`));
  const message = sentences.join(" ") || "The recipe is not complete.";
  throw new DeltaScopeError("recipe.invalid", message, undefined, { faults });
}

/** Nothing starts anew where a run was to go on. @throws DeltaScopeError `training.not-found` */
export async function requireRun(folder: string | undefined): Promise<void> {
  if (folder === undefined || (await isRunFolder(folder))) return;
  throw new DeltaScopeError(
    "training.not-found",
    "No fine-tune was started in this folder: nothing to resume.",
    folder,
  );
}

/** A run goes on as it began. @throws DeltaScopeError `trainer.checkpoint` naming the fields that differ */
export function requireSame({ config, folder }: TrainingRun, now: RunConfig): void {
  const found = differences(config, now);
  if (found.length === 0) return;
  const fields = found.join("; ").slice(0, longestShown);
  const message = `The run in this folder was started with another recipe (${fields}): resume it with its own, or name another folder.`;
  throw new DeltaScopeError("trainer.checkpoint", message, folder);
}

/** Characters; files of data are named in full. */
const longestShown = 1500;

/** A run that has not started. Two runs of one recipe get folders of their own. */
export function newRun(config: RunConfig, { folder, out }: { folder: string; out: string | undefined }): TrainingRun {
  const id = freshId(config.run_id, "run");
  return queuedRun({ ...config, run_id: id }, { id, folder: out ?? join(folder, id), sweep: null });
}

export function queuedRun(config: RunConfig, place: { id: string; folder: string; sweep: string | null }): TrainingRun {
  return {
    ...place,
    name: config.name === "" ? place.id : config.name,
    config,
    configSha: null,
    state: "queued",
    unattended: false,
    step: 0,
    steps: null,
    startedAt: null,
    finishedAt: null,
    finalLoss: null,
    checkpoint: null,
    outputs: [],
    error: null,
  };
}
