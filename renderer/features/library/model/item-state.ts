/** What is the matter with an item, in words, and what can be done about it. */

import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import type { ErrorCode } from "../../../../src/contract/errors.ts";
import { formatCount, formatNumberOf } from "../../../../src/contract/format.ts";
import { fitOf, fittingBases } from "./fit.ts";
import { isTuned, weightFilesText } from "./item-facts.ts";

export type Remedy = "rescan" | "find-base" | "how";

export interface ItemState {
  tone: "ok" | "warn" | "bad" | "quiet";
  text: string;
  /** "1 note": alerts that do not hinder anything. */
  notes: string | undefined;
  remedy: Remedy | undefined;
}

export const remedyNames: Readonly<Record<Remedy, string>> = {
  rescan: "Rescan",
  "find-base": "Find base",
  how: "How",
};

/** Trouble that a new look at the same path can end. */
const worthRescanning: ReadonlySet<ErrorCode> = new Set([
  "source.not-found",
  "source.empty",
  "source.unreadable",
  "source.changed",
  "source.truncated",
  "safetensors.header-invalid",
  "json.invalid",
  "checkpoint.shard-missing",
  "checkpoint.no-tensors",
  "adapter.weights-missing",
  "adapter.config-missing",
]);

export function stateOf(item: LibraryItem, items: readonly LibraryItem[]): ItemState {
  if (item.error) return brokenState(item.error.code, item.error.message.replaceAll(item.path, item.label));
  if (!item.inspection) return { tone: "quiet", text: "Being read", notes: undefined, remedy: undefined };
  const notes = notesOf(item);
  if (!isTuned(item)) return { tone: "quiet", text: `${weightFilesText(item)}, complete`, notes, remedy: undefined };
  const mutated = item.inspection.alerts.find(({ code }) => code === "adapter.base-mutated");
  if (mutated) return { tone: "warn", text: mutated.message, notes: undefined, remedy: "how" };
  const base = items.find(({ id }) => id === item.base);
  if (!base) return orphanState(item, items);
  return { ...pairedState(item, base), notes };
}

function brokenState(code: ErrorCode, message: string): ItemState {
  if (code === "checkpoint.pickle" || code === "adapter.pickle") {
    const text = "Not opened: pickle files can run code. Convert to safetensors.";
    return { tone: "warn", text, notes: undefined, remedy: "how" };
  }
  return { tone: "bad", text: message, notes: undefined, remedy: worthRescanning.has(code) ? "rescan" : "how" };
}

function orphanState(item: LibraryItem, items: readonly LibraryItem[]): ItemState {
  const [candidate] = fittingBases(item, items);
  if (candidate) {
    return { tone: "warn", text: `Fits ${candidate.label}; not paired yet.`, notes: undefined, remedy: "find-base" };
  }
  const named = item.inspection?.adapter?.baseModel;
  const text = named ? `Needs ${named}, which is not here.` : "Its base is not here.";
  return { tone: "warn", text, notes: undefined, remedy: "find-base" };
}

function pairedState(item: LibraryItem, base: LibraryItem): ItemState {
  const state: ItemState = { tone: "quiet", text: "", notes: undefined, remedy: undefined };
  const fit = fitOf(item, base);
  if (item.analysis) {
    const { total } = item.analysis;
    const all = Math.max(total, fit?.total ?? 0);
    return { ...state, tone: total < all ? "warn" : "ok", text: `${formatCount(total)} of ${formatCount(all)} paired` };
  }
  if (!fit || fit.total === 0) return { ...state, text: "Pairs when it is compared" };
  if (fit.found < fit.total) {
    const text = `${formatCount(fit.found)} of ${formatCount(fit.total)} fit the base`;
    return { ...state, tone: "warn", text, remedy: "find-base" };
  }
  const dora = item.inspection?.adapter?.variants.includes("dora") ?? false;
  return { ...state, text: `${formatNumberOf(fit.total, "module")} fit${dora ? "; change is full rank (DoRA)" : ""}` };
}

function notesOf(item: LibraryItem): string | undefined {
  const count = item.inspection?.alerts.length ?? 0;
  return count === 0 ? undefined : formatNumberOf(count, "note");
}

/** "problem" cannot be compared, "look" wants a decision. */
export function attention(items: readonly LibraryItem[]): { problems: number; look: number } {
  const tones = items.map((item) => stateOf(item, items).tone);
  return {
    problems: tones.filter((tone) => tone === "bad").length,
    look: tones.filter((tone) => tone === "warn").length,
  };
}
