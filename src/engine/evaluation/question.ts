/** The identity of what is scored: same weights, same items, same settings — same id, so stored answers are reused. */
import { createHash } from "node:crypto";
import type { VariantSpec } from "../../contract/domain/evaluation.ts";
import type { UsedSettings } from "../store/scores.ts";
import { measuresVersion } from "../version.ts";
import type { Models } from "./models.ts";

/** Part of every id: raise it when a stored answer would come out differently today. */
const scoringVersion = 1;

/** Which weights a variant has, known without computing them. */
export interface VariantIdentity {
  base: { path: string; fingerprint: string };
  tuned: { path: string; fingerprint: string; kind: "adapter" | "full" } | undefined;
  /** Without an intervention that changes nothing. */
  variant: VariantSpec;
  /** Of all of it. */
  fingerprint: string;
}

/** @throws DeltaScopeError what opening throws, and `pairing.base-is-adapter` */
export async function identify(asked: VariantSpec, models: Models): Promise<VariantIdentity> {
  const variant = withoutIdleIntervention(asked);
  const base = await models.openFull(variant.base);
  const tuned = variant.tuned === undefined ? undefined : await models.open(variant.tuned);
  const question = {
    base: base.fingerprint,
    tuned: tuned?.fingerprint,
    // Which vectors are intruders is a measure, so an intervention depends on how they are measured.
    intervention: variant.intervention && { ...variant.intervention, measures: measuresVersion },
  };
  return {
    base: { path: base.source.root, fingerprint: base.fingerprint },
    tuned: tuned && { path: tuned.source.root, fingerprint: tuned.fingerprint, kind: tuned.kind },
    variant,
    fingerprint: hashOf(question),
  };
}

/** At λ = 1 every arm leaves the model as it was trained. */
function withoutIdleIntervention({ intervention, ...variant }: VariantSpec): VariantSpec {
  return intervention === undefined || intervention.lambda === 1 ? variant : { ...variant, intervention };
}

/** Labels, threads and the choice of items are left out on purpose: they change no answer. */
export function evaluationId(variant: string, task: string, settings: UsedSettings): string {
  return hashOf({ scoring: scoringVersion, variant, task, ...settings });
}

function hashOf(question: object): string {
  return createHash("sha256").update(JSON.stringify(question)).digest("hex");
}
