/** What "Compare n runs" would compare, and why not when it cannot. */

import type { AnalysisSpec } from "../../../../src/contract/domain/analysis.ts";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import { isTuned } from "./item-facts.ts";

/** Letters, colours and tracks are made for eight runs. */
export const mostRuns = 8;

export interface Comparison {
  base: LibraryItem;
  tuned: LibraryItem[];
}

export type Choice = { comparison: Comparison } | { comparison: undefined; reason: string };

/** `picked`: any mixture of bases and tuned items; tuned ones bring their base with them. */
export function chooseComparison(picked: readonly LibraryItem[], items: readonly LibraryItem[]): Choice {
  const tuned = picked.filter(isTuned);
  const bases = basesOf(picked, tuned, items);
  const [base] = bases;
  if (tuned.length === 0) return no("Select one or more tuned items.");
  if (tuned.length > mostRuns) return no(`At most ${mostRuns} runs stand beside each other.`);
  if (bases.length > 1) return no("The selected items have different bases.");
  if (!base) return no("Select the base as well; the item's own base is not here.");
  return { comparison: { base, tuned } };
}

function no(reason: string): Choice {
  return { comparison: undefined, reason };
}

/** A base that was picked decides; otherwise the tuned items' own. */
function basesOf(picked: readonly LibraryItem[], tuned: readonly LibraryItem[], items: readonly LibraryItem[]) {
  const chosen = picked.filter((item) => item.kind === "base");
  if (chosen.length > 0) return chosen;
  const ids = new Set(tuned.map((item) => item.base));
  return items.filter((item) => item.kind === "base" && ids.has(item.id));
}

/** Settings of every comparison that starts here; others are asked for in Compare. */
const settings: AnalysisSpec["settings"] = {
  k: 10,
  epsilon: 0.5,
  side: "left",
  quick: false,
  exact: false,
  asMerged: false,
  seed: 0,
};

export function specOf({ base, tuned }: Comparison): AnalysisSpec {
  return {
    base: base.path,
    tuned: tuned.map(({ label, path }) => ({ label, path })),
    settings,
    embeddings: false,
  };
}

/** The stored run of an item against this base at the settings above. */
export function storedRun(item: LibraryItem, base: LibraryItem, runs: readonly AppRun[]): AppRun | undefined {
  return runs.find(
    (run) =>
      run.path === item.path &&
      run.base.path === base.path &&
      run.k === settings.k &&
      run.epsilon === settings.epsilon &&
      run.side === settings.side &&
      !run.asMerged,
  );
}

export function isComplete(run: AppRun | undefined): boolean {
  return run !== undefined && run.total > 0 && run.modules >= run.total;
}

/** Ids in the order of the letters. */
export function runIdsOf(runs: readonly AppRun[]): string[] {
  return runs.toSorted((a, b) => a.letter.localeCompare(b.letter)).map(({ id }) => id);
}
