/** Intruders of a stage of fine-tuning against the first base, and against the stage before it. */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { makeAlert } from "../../contract/alerts.ts";
import type { AuditSpec } from "../../contract/domain/audit.ts";
import { merge } from "../edit/merge.ts";
import { silentListener } from "../edit/services.ts";
import { modulesToCount, runTotals } from "../report/totals.ts";
import { measureAgainst, storedAnalysis, type WeightServices } from "./measure.ts";
import type { Step } from "./scoring.ts";
import { type StageWeights, unmeasuredStage } from "./stages.ts";

/** Measures each stage from the second on against the one before; a stage that fails leaves the others. */
export async function* measureStages(
  spec: AuditSpec,
  services: WeightServices,
  signal: AbortSignal | undefined,
): AsyncGenerator<Step, void> {
  for (const [place, stage] of spec.tuned.entries()) {
    const before = spec.tuned[place - 1];
    if (before === undefined) continue;
    const [from, to] = [
      await mergedStage(spec.base, before, services, signal),
      await mergedStage(spec.base, stage, services, signal),
    ];
    for (const { alert } of [from, to]) if (alert) yield { type: "alert", alert };
    const tuned = [{ label: `${stage.label} after ${before.label}`, path: to.path }];
    yield* measureAgainst(from.path, tuned, spec, services, signal);
  }
}

/** A full checkpoint as it is; an adapter is added to the first base in float32, once, in the workspace's cache. */
async function mergedStage(
  base: string,
  { label, path }: AuditSpec["tuned"][number],
  services: WeightServices,
  signal: AbortSignal | undefined,
) {
  const out = await stageFolder(base, path, services);
  if (out === undefined) return { path, alert: undefined };
  const message = `${label} is an adapter: its stage is the base with it added. If it was trained on the stage before, merge that one first.`;
  if (!existsSync(join(out, "config.json"))) {
    const run = { services: services.edits, listener: silentListener, signal };
    await merge({ edit: "merge", base, tuned: path, dtype: "F32", out, overwrite: false }, run);
  }
  return { path: out, alert: makeAlert("audit.stage-merged", message, path, "info") };
}

/** Where an adapter's merged stage stands; undefined for full checkpoints, which need none. */
async function stageFolder(base: string, path: string, { models, edits }: WeightServices): Promise<string | undefined> {
  const [original, tuned] = await Promise.all([models.openFull(base), models.open(path)]);
  if (tuned.kind === "full") return undefined;
  const name = createHash("sha256").update(`${original.fingerprint}\n${tuned.fingerprint}`).digest("hex");
  return join(edits.cache, `stage-${name.slice(0, 32)}`);
}

/** What the store knows of each stage; nothing is measured or merged. */
export async function stagesOf(spec: AuditSpec, services: WeightServices): Promise<StageWeights[]> {
  const stages: StageWeights[] = [];
  for (const [place, stage] of spec.tuned.entries()) {
    const first = await totalsOf(spec.base, stage.path, spec, services).catch(() => undefined);
    const previous = place === 0 ? first : await againstPrevious(spec, place, services).catch(() => undefined);
    stages.push({
      intrudersAgainstBase: first?.intruders ?? null,
      intrudersAgainstPrevious: previous?.intruders ?? null,
      relativeDelta: first?.relativeDelta ?? unmeasuredStage.relativeDelta,
    });
  }
  return stages;
}

async function againstPrevious(spec: AuditSpec, place: number, services: WeightServices) {
  const [before, stage] = [spec.tuned[place - 1], spec.tuned[place]];
  if (before === undefined || stage === undefined) return undefined;
  const from = (await stageFolder(spec.base, before.path, services)) ?? before.path;
  const to = (await stageFolder(spec.base, stage.path, services)) ?? stage.path;
  return totalsOf(from, to, spec, services);
}

async function totalsOf(base: string, tuned: string, spec: AuditSpec, services: WeightServices) {
  const id = await storedAnalysis(base, tuned, spec, services);
  return id === undefined ? undefined : runTotals(modulesToCount(await services.store.tests(id), false));
}
