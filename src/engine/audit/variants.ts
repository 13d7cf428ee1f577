/** The models of an audit: the base, each tuned one as trained, and each of them at every λ and arm. */
import type { AuditSpec } from "../../contract/domain/audit.ts";
import type { Arm } from "../../contract/domain/edit.ts";
import type { VariantSpec } from "../../contract/domain/evaluation.ts";

/** One model of an audit. */
export interface AuditVariant {
  /** Place of the tuned model in the question; undefined for the base. */
  run: number | undefined;
  label: string;
  path: string;
  arm: Arm;
  /** 1: as trained. */
  lambda: number;
  spec: VariantSpec;
}

/** As trained, λ is 1 and every arm is the same; such rows stand under this one. */
export const trainedArm: Arm = "scale";

const baseLabel = "base";

export function baseVariant({ base, tuned }: AuditSpec): AuditVariant {
  const taken = tuned.some(({ label }) => label === baseLabel);
  const label = taken ? `${baseLabel} (reference)` : baseLabel;
  return { run: undefined, label, path: base, arm: trainedArm, lambda: 1, spec: { base } };
}

export function trainedVariants({ base, tuned }: AuditSpec): AuditVariant[] {
  return tuned.map(({ label, path }, run) => ({
    run,
    label,
    path,
    arm: trainedArm,
    lambda: 1,
    spec: { base, tuned: path },
  }));
}

/** λ by λ, so that every run has its first points early; the control arms follow their intervention at once. */
export function sweepVariants(spec: AuditSpec): AuditVariant[] {
  const { which, k, epsilon } = spec;
  return sweepLambdas(spec).flatMap((lambda) =>
    trainedVariants(spec).flatMap((trained) =>
      armsOf(spec).map((arm) => ({
        ...trained,
        arm,
        lambda,
        spec: { ...trained.spec, intervention: { arm, lambda, which, k, epsilon } },
      })),
    ),
  );
}

/** Falling, each once, without 1. */
export function sweepLambdas({ lambdas }: Pick<AuditSpec, "lambdas">): number[] {
  return [...new Set(lambdas)].filter((lambda) => lambda !== 1).sort((one, other) => other - one);
}

export function armsOf({ arms }: Pick<AuditSpec, "arms">): Arm[] {
  return [...new Set(arms)];
}

/** The base first, then the runs as trained, then the sweep. */
export function variantsOf(spec: AuditSpec): AuditVariant[] {
  return [baseVariant(spec), ...trainedVariants(spec), ...sweepVariants(spec)];
}

export function isTrained({ run, lambda }: AuditVariant): boolean {
  return run !== undefined && lambda === 1;
}
