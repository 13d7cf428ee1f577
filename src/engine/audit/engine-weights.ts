/** What an audit knows of the weights, as the engine measures and keeps it. */
import type { AuditSpec } from "../../contract/domain/audit.ts";
import type { ArmOutcome } from "../../contract/domain/edit.ts";
import { openPair } from "../edit/open-pair.ts";
import { resolveEdit } from "../edit/resolve.ts";
import { silentListener } from "../edit/services.ts";
import { modulesToCount, runTotals } from "../report/totals.ts";
import type { MeasuredRun } from "./confounds.ts";
import { isWhole, measureAgainst, type WeightServices } from "./measure.ts";
import type { Weights } from "./services.ts";
import { measureStages, stagesOf } from "./stage-weights.ts";
import type { AuditVariant } from "./variants.ts";

export function engineWeights(services: WeightServices): Weights {
  return {
    base: async (path) => ({ path, fingerprint: (await services.models.openFull(path)).fingerprint }),
    async *measure(spec, signal) {
      yield* measureAgainst(spec.base, spec.tuned, spec, services, signal);
      if (spec.sequence) yield* measureStages(spec, services, signal);
    },
    outcome: (variant, signal) => outcomeOf(variant, services, signal),
    measuredRuns: (spec, forgettingOf) => measuredRuns(spec, forgettingOf, services),
    stages: (spec) => stagesOf(spec, services),
  };
}

async function outcomeOf(
  { spec, arm }: AuditVariant,
  { edits }: WeightServices,
  signal: AbortSignal | undefined,
): Promise<ArmOutcome | undefined> {
  if (spec.tuned === undefined || spec.intervention === undefined) return undefined;
  const opened = await openPair(spec.base, spec.tuned, edits.backend, signal);
  const { arms } = await resolveEdit(opened, spec.intervention, edits, silentListener, signal);
  return arms.find((outcome) => outcome.arm === arm);
}

/** Of every analysis of this base at the question's k and ε, each tuned source once. */
async function measuredRuns(
  spec: AuditSpec,
  forgettingOf: (path: string) => Promise<number | undefined>,
  { models, store }: WeightServices,
): Promise<MeasuredRun[]> {
  const base = await models.openFull(spec.base);
  const fitting = (await store.analyses()).filter(
    (summary) =>
      summary.base.fingerprint === base.fingerprint &&
      summary.settings.k === spec.k &&
      summary.settings.epsilon === spec.epsilon &&
      summary.settings.side !== "right" &&
      !summary.settings.quick &&
      !summary.settings.asMerged &&
      isWhole(summary),
  );
  const once = [...new Map(fitting.map((summary) => [summary.fingerprint, summary])).values()];
  const runs: MeasuredRun[] = [];
  for (const { id, path, label } of once) {
    const forgetting = await forgettingOf(path).catch(() => undefined);
    if (forgetting === undefined) continue;
    const { intruders, intruderEnergy, deltaFrobenius } = runTotals(modulesToCount(await store.tests(id), false));
    if (intruders === null || deltaFrobenius === null) continue;
    runs.push({ label, forgetting, intruders, intruderEnergy: intruderEnergy ?? 0, deltaFrobenius });
  }
  return runs;
}
