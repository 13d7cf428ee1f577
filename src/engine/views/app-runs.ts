/** The workspace's runs as the app shows them: each question with its letter, its detail and how far it is. */
import { basename } from "node:path";
import type { AppRun } from "../../contract/domain/cells.ts";
import type { LibraryItem } from "../../contract/domain/library.ts";
import { formatCount, formatThreshold } from "../../contract/format.ts";
import { shortRunId } from "../../contract/run-id.ts";
import { visibleText } from "../../contract/text.ts";
import { familyOf } from "../checkpoint/families/families.ts";
import { letterAt } from "../library/letters.ts";
import type { AnalysisSummary, LibraryRecord, Store } from "../store/types.ts";

/** What the job registry knows of questions under way. */
export type LiveStates = ReadonlyMap<string, "waiting" | "running">;

/** In the order of their letters; runs of one source stand together, the latest asked first. */
export async function listAppRuns(store: Store, live: LiveStates): Promise<AppRun[]> {
  const [summaries, library] = await Promise.all([store.analyses(), store.library()]);
  const letters = await lettersFor(store, summaries);
  // Of copies at several places the last one that is shown gives its name.
  const byShown = library.toSorted((one, other) => Number(!one.removedAt) - Number(!other.removedAt));
  const items = new Map(byShown.map((item) => [item.fingerprint, item]));
  const position = ({ fingerprint }: AnalysisSummary) => letters.get(fingerprint) ?? 0;
  return summaries
    .toSorted((one, other) => position(one) - position(other) || byLastAsked(one, other))
    .map((summary) => {
      const sources = { tuned: items.get(summary.fingerprint), base: items.get(summary.base.fingerprint) };
      const same = summaries.filter(({ fingerprint }) => fingerprint === summary.fingerprint);
      const siblings = summaries.filter(({ base }) => base.fingerprint === summary.base.fingerprint);
      const layers = Math.max(...siblings.map((sibling) => sibling.layers));
      const shown = { letter: letterAt(position(summary)), live: live.get(summary.id), layers };
      return appRun(summary, same, sources, shown);
    });
}

/** Runs of the command line get their letters here. Nothing is written where all have one: writing waits for others. */
async function lettersFor(store: Store, summaries: readonly AnalysisSummary[]): Promise<ReadonlyMap<string, number>> {
  const letters = await store.letters();
  const missing = summaries.map(({ fingerprint }) => fingerprint).filter((fingerprint) => !letters.has(fingerprint));
  if (missing.length === 0) return letters;
  await store.giveLetters(missing);
  return store.letters();
}

function byLastAsked(one: AnalysisSummary, other: AnalysisSummary): number {
  return (one.lastAskedAt ?? "") < (other.lastAskedAt ?? "") ? 1 : -1;
}

function appRun(
  summary: AnalysisSummary,
  same: readonly AnalysisSummary[],
  sources: { tuned: LibraryRecord | undefined; base: LibraryRecord | undefined },
  { letter, live, layers }: { letter: string; live: "waiting" | "running" | undefined; layers: number },
): AppRun {
  const { id, kind, base, settings, stored, total } = summary;
  return {
    id: shortRunId(id),
    analysis: id,
    letter,
    label: sources.tuned?.label ?? visibleText(summary.label),
    kind,
    detail: [sourceDetail(summary, sources.tuned?.inspection ?? null), ...difference(summary, same)].join(" · "),
    path: summary.path,
    base: {
      path: base.path,
      label: sources.base?.label ?? visibleText(basename(base.path)),
      fingerprint: base.fingerprint,
      dtype: base.dtype,
      layers: sources.base?.inspection?.checkpoint?.layers ?? layers,
    },
    k: settings.k,
    epsilon: settings.epsilon,
    side: settings.side,
    asMerged: settings.asMerged,
    modules: stored,
    total: Math.max(total, stored),
    ...plannedKinds(summary),
    state: live ?? (stored >= total ? "finished" : "partial"),
  };
}

/** So that rows that are still empty have their place from the start. */
export function plannedKinds({ planned, base }: Pick<AnalysisSummary, "planned" | "base">): Pick<AppRun, "planned"> {
  if (planned.length === 0) return {};
  const family = familyOf({ architecture: base.architecture ?? undefined, modelType: undefined });
  const roles = planned.map((name) => family.role(name));
  const kinds = (inLayers: boolean) => [
    ...new Set(roles.filter(({ layer }) => (layer !== null) === inLayers).map(({ kind }) => kind)),
  ];
  return { planned: { layered: kinds(true), outside: kinds(false) } };
}

/** "LoRA r 16 · α 32" or "full fine-tune · BF16". */
function sourceDetail({ adapter }: AnalysisSummary, inspection: LibraryItem["inspection"]): string {
  if (!adapter) {
    const dtype = inspection?.checkpoint?.dtype;
    return dtype === undefined ? "full fine-tune" : `full fine-tune · ${dtype}`;
  }
  const rank = adapter.rank === null ? "" : ` r ${formatCount(adapter.rank)}`;
  const alpha = adapter.alpha === null ? [] : [`α ${adapter.alpha}`];
  return [`${adapterName(adapter.type, adapter.variants)}${rank}`, ...alpha].join(" · ");
}

/** The name that people use: variants of LoRA go by their own. */
export function adapterName(type: string, variants: readonly string[]): string {
  if (type !== "LORA") return type;
  if (variants.includes("dora")) return "DoRA";
  return variants.includes("rslora") ? "rsLoRA" : "LoRA";
}

/** What tells this question from the others about the same source; nothing where it is the only one. */
function difference(summary: AnalysisSummary, same: readonly AnalysisSummary[]): string[] {
  const words = same.map(settingWords);
  const own = settingWords(summary);
  return own.filter((word, index) => words.some((other) => other[index] !== word)).filter((word) => word !== "");
}

function settingWords({ settings, base }: AnalysisSummary): string[] {
  const { k, epsilon, side, quick, exact, asMerged, seed } = settings;
  return [
    `k ${k}`,
    `ε ${formatThreshold(epsilon)}`,
    `${side} vectors`,
    quick ? "quick" : "",
    exact ? "exact" : "",
    asMerged ? "as merged" : "",
    `seed ${seed}`,
    `base ${basename(base.path)}`,
  ];
}
