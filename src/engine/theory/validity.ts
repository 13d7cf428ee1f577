/** What must stand beside every advice. */
import type { AdviceQuestion, ModuleAdvice } from "../../contract/domain/theory.ts";

const always =
  "Linear model with independent Gaussian inputs and squared loss. Read the order of the methods and the crossovers, not the values.";
const layers =
  "The layers are treated separately; optimiser, learning rate and α are not modelled, and forgetting is not part of this risk.";
const pretraining =
  "A published tendency the model cannot show: in continued pre-training, updates of full fine-tuning have far higher rank than usual adapters.";

export function validityOf(
  { rho, n }: AdviceQuestion,
  modules: readonly ModuleAdvice[],
  referenceRank: number | null,
): string[] {
  const some = (test: (module: ModuleAdvice) => boolean): boolean => modules.some(test);
  return [
    always,
    `n = ${n} samples and ρ = ${rho} are assumptions unless they were calibrated.`,
    "The measured ΔW stands in for the unknown best update; noise in it makes the shift look less low-rank.",
    ...(some(({ band }) => band.depends_on_tail)
      ? ["In some modules the verdict changes with whether the tail of ΔW is signal."]
      : []),
    ...(some(({ advice }) => advice.near)
      ? ["n is within 10 % of d in some modules: there the numbers are unreliable."]
      : []),
    ...(referenceRank === null
      ? []
      : [`Reference limited to rank ${referenceRank}: an adapter knows nothing beyond its rank.`]),
    ...(some(({ near_floor: near }) => near > 0) ? ["Some singular values lie near the noise floor."] : []),
    layers,
    pretraining,
  ];
}
