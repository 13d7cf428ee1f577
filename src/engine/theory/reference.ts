/** Where the spectra of an advice come from: stored modules of a run, or numbers that somebody gave. */
import type { AdviceQuestion } from "../../contract/domain/theory.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { AnalysisRecord, Store } from "../store/types.ts";

/** One matrix whose update is known. */
export interface Reference {
  module: string;
  /** [out, in] */
  shape: [number, number];
  singularValues: number[];
  /** Deviation of the rounding floor of an entry; 0 for factors. */
  tau: number;
}

/** What the numeric crate takes. */
export function questionOf({ singularValues, shape: [k, d], tau }: Reference, n: number, rho: number) {
  return { singular_values: singularValues, k, d, n, rho, tau };
}

export interface References {
  modules: Reference[];
  skipped: { module: string; reason: string }[];
  /** Rank of the adapter that is the reference. */
  rank: number | null;
}

/** @throws DeltaScopeError `run.not-found`, `analysis.no-modules` */
export async function referencesOf(source: AdviceQuestion["source"], store: () => Promise<Store>): Promise<References> {
  if ("spectrum" in source) {
    const { spectrum, k, d, tau } = source;
    return { modules: [{ module: "spectrum", shape: [k, d], singularValues: spectrum, tau }], skipped: [], rank: null };
  }
  return fromRun(source.run, source.module, await store());
}

async function fromRun(run: string, module: string | undefined, store: Store): Promise<References> {
  const record = await recordOf(run, store);
  const stored = await store.modules(record.id, module === undefined ? undefined : [module]);
  const modules: Reference[] = [];
  const skipped: References["skipped"] = [];
  const counted = stored.filter(({ group }) => module !== undefined || (group !== "embedding" && group !== "head"));
  for (const { name, shape, delta, rounding } of counted) {
    if (!delta) skipped.push({ module: name, reason: "it was not measured" });
    else if (!(delta.frobenius > 0)) skipped.push({ module: name, reason: "its ΔW is zero" });
    else modules.push({ module: name, shape, singularValues: delta.singularValues, tau: floorOf(rounding, shape) });
  }
  if (modules.length === 0) {
    throw new DeltaScopeError("analysis.no-modules", `No module of ${run} has a ΔW to learn from.`, module ?? run);
  }
  return { modules, skipped, rank: record.adapter?.rank ?? null };
}

/** By label, run id, or the short id of the app. @throws DeltaScopeError `run.not-found` */
export async function recordOf(run: string, store: Store): Promise<AnalysisRecord> {
  const member = await store.findMember(run);
  const byId = /^[0-9a-f]{12,64}$/.test(run) ? await store.findAnalysis(run) : undefined;
  const record = member ? await store.analysis(member.member.analysis) : byId?.record;
  if (record) return record;
  throw new DeltaScopeError("run.not-found", `There is no stored run "${run.slice(0, 120)}".`, run);
}

/** Changes that are real carry no floor; otherwise the floor's deviation per entry. */
function floorOf(
  rounding: { floorFrobenius: number; verdict: string } | null,
  [rows, columns]: [number, number],
): number {
  if (!rounding || rounding.verdict === "real" || rounding.verdict === "identical") return 0;
  return rounding.floorFrobenius / Math.sqrt(rows * columns);
}
