/** What training has done to the weights so far: the intruder test on one saved checkpoint, for the live page. */
import { layerModules } from "../../contract/counted-modules.ts";
import { analysisSettings, type ModuleMeasures } from "../../contract/domain/analysis.ts";
import type { MatrixPair } from "../../contract/domain/pair.ts";
import type { GrowthPoint } from "../../contract/domain/training.ts";
import { computeUnit } from "../analysis/execute.ts";
import { planUnits } from "../analysis/plan.ts";
import { type PreparedRun, prepare } from "../analysis/prepare.ts";
import { sidesFor } from "../analysis/question.ts";
import type { Backend } from "../linalg/backend.ts";

/** The training has the other cores. */
const threads = 1;
/** k and ε as in the app; one side, because the live page shows counts only. */
const settings = analysisSettings.parse({});

/** A checkpoint against its base. Nothing is stored of it. @throws DeltaScopeError what opening and pairing throw */
export async function measureGrowth(
  { base, path, step }: { base: string; path: string; step: number },
  backend: Backend,
  signal?: AbortSignal,
): Promise<GrowthPoint | undefined> {
  const prepared = await prepare({ base, tuned: [{ label: "checkpoint", path }], settings, embeddings: false });
  const [run] = prepared.runs;
  if (!run) return undefined;
  const modules = await measureModules(run, backend, signal);
  return modules && { step, path, ...growthOf(modules) };
}

async function measureModules(
  { analysis, pairing }: PreparedRun,
  backend: Backend,
  signal: AbortSignal | undefined,
): Promise<ModuleMeasures[] | undefined> {
  const question = { analysis, rounding: pairing.roundingGrid, matrices: pairing.matrices.filter(isCounted) };
  const modules: ModuleMeasures[] = [];
  for (const unit of await planUnits([question], sidesFor(settings).length)) {
    const answer = await computeUnit(unit, threads, settings, backend, signal);
    if (answer === "cancelled") return undefined;
    modules.push(...answer.map(({ module }) => module));
  }
  return modules;
}

/** Embeddings and head take long and do not count in totals. */
function isCounted({ role }: MatrixPair): boolean {
  return role.group !== "embedding" && role.group !== "head";
}

/** Over the modules that count in the totals of an analysis. */
export function growthOf(all: readonly ModuleMeasures[]): Omit<GrowthPoint, "step" | "path"> {
  const modules = layerModules(all).filter(({ status }) => status === "measured");
  const intruders: Record<string, number> = {};
  for (const { kind, intruders: count } of modules) intruders[kind] = (intruders[kind] ?? 0) + (count ?? 0);
  const ranks = modules.flatMap(({ delta }) => delta?.effectiveRank.entropy ?? []).toSorted((a, b) => a - b);
  return {
    intruders,
    effectiveRank: { median: medianOf(ranks), low: ranks[0] ?? null, high: ranks.at(-1) ?? null },
    relativeDelta: relativeOf(modules),
  };
}

/** √Σ‖ΔW‖² over √Σ‖W0‖², the latter from each module's own ratio. */
function relativeOf(modules: readonly ModuleMeasures[]): number | null {
  let changed = 0;
  let before = 0;
  for (const { delta } of modules) {
    if (!delta?.relative) continue;
    changed += delta.frobenius ** 2;
    before += (delta.frobenius / delta.relative) ** 2;
  }
  return before > 0 ? Math.sqrt(changed / before) : null;
}

/** Of numbers in order. */
export function medianOf(sorted: readonly number[]): number | null {
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  if (upper === undefined) return null;
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? upper)) / 2 : upper;
}
