/** Which runs stand side by side. */
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import { listOf } from "../search.ts";

/** As many as one question to the engine may name. */
export const mostRuns = 8;
/** Open tracks at the start; the rest is folded. */
const openTracks = 4;

export interface ChosenRuns {
  shown: readonly AppRun[];
  /** Others of the same base that could be added. */
  others: readonly AppRun[];
}

/** The named runs in their order; without names every run of one base, the newest question of each checkpoint. */
export function chooseRuns(
  all: readonly AppRun[],
  asked: { runs?: string | undefined; base?: string | undefined },
): ChosenRuns {
  const named = listOf(asked.runs).flatMap((id) => all.find((run) => run.id === id) ?? []);
  const shown = (named.length > 0 ? [...new Set(named)] : runsOfBase(all, asked.base)).slice(0, mostRuns);
  const base = shown[0]?.base.fingerprint;
  const others = all.filter((run) => run.base.fingerprint === base && !shown.includes(run));
  return { shown, others };
}

function runsOfBase(all: readonly AppRun[], asked: string | undefined): AppRun[] {
  const base = all.some(({ base: { fingerprint } }) => fingerprint === asked) ? asked : all[0]?.base.fingerprint;
  const newest = new Map<string, AppRun>();
  for (const run of all) {
    if (run.base.fingerprint !== base) continue;
    const known = newest.get(run.path);
    // A finished question says more than one that was stopped at once.
    if (known === undefined || run.modules >= known.modules) newest.set(run.path, run);
  }
  return [...newest.values()];
}

/** Folded tracks: those of the address, else all after the fourth. */
export function foldedRuns(runs: readonly AppRun[], fold: string | undefined): ReadonlySet<string> {
  if (fold === "none") return new Set();
  if (fold !== undefined) return new Set(listOf(fold));
  return new Set(runs.slice(openTracks).map(({ id }) => id));
}

/** Folds or opens one track. */
export function toggleFold(runs: readonly AppRun[], folded: ReadonlySet<string>, id: string): string {
  const next = runs.filter((run) => folded.has(run.id) !== (run.id === id)).map((run) => run.id);
  return next.length === 0 ? "none" : next.join(",");
}

export function isUnfinished(run: AppRun): boolean {
  return run.modules < run.total;
}
