/** Which top vectors of W are intruders: as stored analyses of the workspace know it, else measured now. */

import { isIntruder } from "../../contract/decide.ts";
import { analysisSettings, type ModuleMeasures } from "../../contract/domain/analysis.ts";
import type { Intervention } from "../../contract/domain/edit.ts";
import type { MatrixPair } from "../../contract/domain/pair.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { computeUnit } from "../analysis/execute.ts";
import { estimateCost, type Unit } from "../analysis/plan.ts";
import { defaultMemoryBytes } from "../analysis/run.ts";
import { assignThreads, runWeighted } from "../analysis/schedule.ts";
import { ProgressMeter } from "../jobs/progress.ts";
import { memoryOf } from "./memory.ts";
import type { OpenedPair } from "./open-pair.ts";
import { type EditListener, type EditServices, silentListener } from "./services.ts";

/** Of each tested vector, falling by σ: an intruder, none, or null where the bounds straddle ε. */
export type Flags = readonly (boolean | null)[];

export type Test = Pick<Intervention, "k" | "epsilon">;

type Bounds = readonly { lower: number; upper: number }[];

/**
 * Flags of the top k left vectors of each module.
 * @throws DeltaScopeError what measuring a module throws, with its name, or `job.cancelled`
 */
export async function decideModules(
  opened: OpenedPair,
  pairs: readonly MatrixPair[],
  test: Test,
  services: EditServices,
  listener: EditListener = silentListener,
  signal?: AbortSignal,
): Promise<Map<string, Flags>> {
  const known = await storedBounds(opened, pairs, test, services);
  const { bounds: remembered } = memoryOf(services.edits, opened);
  const key = (name: string): string => `${test.k} ${test.epsilon} ${name}`;
  for (const { name } of pairs) {
    const bounds = known.has(name) ? undefined : remembered.get(key(name));
    if (bounds) known.set(name, bounds);
  }
  const missing = pairs.filter(({ name }) => !known.has(name));
  const measured = await measureBounds(missing, test, services, listener, signal);
  for (const [name, bounds] of measured) remembered.set(key(name), bounds);
  return flagsOf(new Map([...known, ...measured]), test);
}

/** Flags of matrices that are no stored run's. Throws as `decideModules`. */
export async function measureFlags(
  pairs: readonly MatrixPair[],
  test: Test,
  services: EditServices,
  signal?: AbortSignal,
): Promise<Map<string, Flags>> {
  return flagsOf(await measureBounds(pairs, test, services, silentListener, signal), test);
}

function flagsOf(bounds: ReadonlyMap<string, Bounds>, { k, epsilon }: Test): Map<string, Flags> {
  const flags = (all: Bounds): Flags =>
    all.slice(0, k).map(({ lower, upper }) => isIntruder(lower, upper, epsilon) ?? null);
  return new Map([...bounds].map(([name, all]) => [name, flags(all)]));
}

/** From every stored question on the same weights whose test looked at least as deep; exact ones are asked first. */
async function storedBounds(
  { base, tuned }: OpenedPair,
  pairs: readonly MatrixPair[],
  { k, epsilon }: Test,
  { store }: EditServices,
): Promise<Map<string, Bounds>> {
  const found = new Map<string, Bounds>();
  const analyses = (await store?.analyses()) ?? [];
  const fitting = analyses.filter(
    ({ base: stored, fingerprint, settings }) =>
      stored.fingerprint === base.fingerprint &&
      fingerprint === tuned.fingerprint &&
      settings.k >= k &&
      settings.side !== "right" &&
      !settings.quick &&
      !settings.asMerged,
  );
  for (const { id } of fitting.sort((one, other) => Number(other.settings.exact) - Number(one.settings.exact))) {
    const wanted = pairs.map(({ name }) => name).filter((name) => !found.has(name));
    const modules = wanted.length > 0 ? ((await store?.modules(id, wanted)) ?? []) : [];
    for (const module of modules) keepDecided(found, module, k, epsilon);
  }
  return found;
}

/** Bounds that decide less at this ε than a measurement now would are left to it. */
function keepDecided(found: Map<string, Bounds>, module: ModuleMeasures, k: number, epsilon: number): void {
  const vectors = module.sides.left?.vectors.map(({ maxCosine }) => maxCosine);
  if (module.status !== "measured" || !vectors) return;
  const decided = vectors.slice(0, k).every(({ lower, upper }) => isIntruder(lower, upper, epsilon) !== undefined);
  if (decided) found.set(module.name, vectors);
}

async function measureBounds(
  pairs: readonly MatrixPair[],
  { k, epsilon }: Test,
  { backend, threads }: EditServices,
  listener: EditListener,
  signal: AbortSignal | undefined,
): Promise<Map<string, Bounds>> {
  const settings = analysisSettings.parse({ k, epsilon });
  const units = pairs.map(unitOf);
  const cost = units.reduce((sum, unit) => sum + unit.cost.flops, 0);
  const meter = new ProgressMeter({ phase: "analyze", unit: "modules", total: units.length, cost });
  const measured = new Map<string, Bounds>();
  const work = (unit: Unit, given: number) => computeUnit(unit, given, settings, backend, signal);
  for await (const { item, result } of runWeighted(
    assignThreads(units, threads, defaultMemoryBytes),
    threads,
    work,
    signal,
  )) {
    if (result === "cancelled") continue;
    measured.set(item.name, boundsOf(result[0]?.module));
    const progress = meter.advance(1, item.cost.flops, item.name);
    if (progress) listener.progress(progress);
  }
  if (signal?.aborted) throw new DeltaScopeError("job.cancelled", "The edit was cancelled; nothing was written.");
  return measured;
}

function unitOf(pair: MatrixPair): Unit {
  const { name, shape, base } = pair;
  const unit = { name, shape, base, runs: [{ analysis: "", pair, rounding: undefined }] };
  return { ...unit, cost: estimateCost(unit, 1) };
}

function boundsOf(module: ModuleMeasures | undefined): Bounds {
  const vectors = module?.sides.left?.vectors;
  if (vectors) return vectors.map(({ maxCosine }) => maxCosine);
  const { code, message, where } = module?.error ?? {};
  throw new DeltaScopeError(code ?? "internal", message ?? "A module was not measured.", where ?? module?.name);
}
