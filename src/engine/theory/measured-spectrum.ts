/** The spectrum of a stored ΔW as the lab takes it: without what the noise floor explains. */
import { z } from "zod";
import type { MeasuredSpectrum } from "../../contract/domain/theory.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { Store } from "../store/types.ts";
import { askNow } from "./ask.ts";
import { type Reference, referencesOf } from "./reference.ts";

const denoised = z.object({ values: z.array(z.number()) });

/** @throws DeltaScopeError `run.not-found`, `analysis.no-modules`, or `theory.invalid` where all values are noise */
export async function measuredSpectrumOf(
  { run, module }: { run: string; module?: string | undefined },
  store: () => Promise<Store>,
): Promise<MeasuredSpectrum> {
  const { modules, rank } = await referencesOf({ run }, store);
  const chosen = module === undefined ? middleOf(modules) : modules.find((reference) => reference.module === module);
  if (!chosen) throw new DeltaScopeError("analysis.no-modules", `${run} has no ΔW of ${module}.`, module ?? run);
  const values = signalOf(chosen);
  if (values.length === 0) {
    throw new DeltaScopeError("theory.invalid", `Every singular value of ${chosen.module} lies below its noise floor.`);
  }
  return {
    run,
    module: chosen.module,
    shape: chosen.shape,
    values,
    measured: chosen.singularValues.filter((value) => value > 0).length,
    tau: chosen.tau,
    rank,
    modules: modules.map((reference) => reference.module),
  };
}

/** Singular values that stand above the floor, corrected for it; all of them where there is none. */
export function signalOf({ singularValues, shape: [k, d], tau }: Reference): number[] {
  const input = { singular_values: singularValues, k, d, tau };
  return denoised.parse(askNow("denoise", input)).values.filter((value) => value > 0);
}

/** By participation ratio: half of the modules have a flatter spectrum, half a steeper one. */
function middleOf(modules: readonly Reference[]): Reference | undefined {
  const sorted = modules
    .map((reference) => ({ reference, size: participation(reference.singularValues) }))
    .sort((one, other) => one.size - other.size);
  return sorted[Math.floor((sorted.length - 1) / 2)]?.reference;
}

function participation(values: readonly number[]): number {
  const sum = (power: number): number => values.reduce((total, value) => total + value ** power, 0);
  return sum(2) ** 2 / sum(4);
}
