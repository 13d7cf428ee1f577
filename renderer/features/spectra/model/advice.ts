/** The rank advice in words: its reasons from what is measured, its caution, and the ranks to copy. */
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import type { AdviceDocument, Verdict } from "../../../../src/contract/domain/theory.ts";
import {
  formatAccuracy,
  formatCount,
  formatEffectiveRank,
  formatNumberOf,
  formatSignificant,
} from "../../../../src/contract/format.ts";
import { median } from "../../../../src/contract/statistics.ts";
import type { RunSpectra } from "../use-spectra.ts";

/** What the advice assumes until somebody says otherwise. */
export const usualAdvice = { n: 1000, rho: 1 } as const;

/** A full run says most; among adapters the one of the highest rank limit does. */
export function referenceRun(spectra: readonly RunSpectra[], asked: string | undefined): AppRun | undefined {
  const named = spectra.find(({ run }) => run.id === asked);
  if (named) return named.run;
  const limit = ({ run, rankLimit }: RunSpectra) => (run.kind === "full" ? Number.POSITIVE_INFINITY : (rankLimit ?? 0));
  const measured = spectra.filter(({ rows }) => rows.length > 0);
  return measured.reduce<RunSpectra | undefined>(
    (best, one) => (best === undefined || limit(one) > limit(best) ? one : best),
    undefined,
  )?.run;
}

export interface AdviceReason {
  id: "headroom" | "measured" | "noise";
  strong: string;
  rest: string;
  /** What its link shows. */
  link: string;
}

export function adviceReasons(spectra: readonly RunSpectra[], advice: AdviceDocument): AdviceReason[] {
  return [...headroom(spectra), ...measuredReason(advice), noiseReason(advice)];
}

/** How much of its directions each LoRA uses. */
function headroom(spectra: readonly RunSpectra[]): AdviceReason[] {
  const used = spectra.flatMap(({ run, rows, rankLimit }) => {
    const middle = median(rows.map(({ entropyRank }) => entropyRank));
    return rankLimit === undefined || middle === undefined ? [] : [{ run, rankLimit, middle }];
  });
  const shown = used.toSorted((one, other) => one.rankLimit - other.rankLimit).filter(({ rankLimit }) => rankLimit > 1);
  if (shown.length === 0) return [];
  const parts = shown.map(
    ({ run, rankLimit, middle }) => `${run.letter} fills ${formatEffectiveRank(middle)} of its ${rankLimit}`,
  );
  return [
    {
      id: "headroom",
      strong: "Headroom.",
      rest: ` ${parts.join(", ")} directions (median effective rank).`,
      link: "Show",
    },
  ];
}

function measuredReason({ measured }: AdviceDocument): AdviceReason[] {
  if (!measured) return [];
  const [best, next] = measured.rows.toSorted((one, other) => other.accuracy - one.accuracy);
  if (!best || !next) return [];
  const name = ({ r, label }: typeof best) => `${r === null ? "full fine-tuning" : `r ${r}`} (${label})`;
  const interval = ({ accuracy, ci95 }: typeof best) =>
    `${formatAccuracy(accuracy)} [${formatAccuracy(ci95[0])}, ${formatAccuracy(ci95[1])}]`;
  const apart = best.ci95[0] > next.ci95[1] ? "" : "; the intervals overlap";
  const rest = ` On ${measured.task} ${name(best)} is first with ${interval(best)}, then ${name(next)} with ${interval(next)}${apart}.`;
  return [{ id: "measured", strong: "Measured.", rest, link: "Show the scores" }];
}

function noiseReason({ question: { n, rho }, total: { useful } }: AdviceDocument): AdviceReason {
  const range = useful[0] === useful[1] ? `at r ${useful[0]}` : `from r ${useful[0]} to ${useful[1]}`;
  const rest = ` At n ${formatCount(n)} and ρ ${formatSignificant(rho, 2)} (both assumed) the linear model’s risk is within 10 % of its least ${range}.`;
  return { id: "noise", strong: "Noise.", rest, link: "Show the curve" };
}

export const verdictWords: Record<Verdict, string> = {
  none: "training is predicted to hurt",
  full: "full fine-tuning is predicted to be better",
  lora: "LoRA is predicted to be better than full fine-tuning",
  tie: "LoRA and full fine-tuning are too near to call",
};

/** What the reference cannot say. */
export function referenceCaution(run: AppRun, { referenceRank }: AdviceDocument): string {
  if (referenceRank !== null) {
    return `${run.label} is an adapter of rank ${referenceRank}: it knows nothing beyond its rank, so more ranks may help than it can say.`;
  }
  return `The k90 of ${run.letter} is no target: one full run’s tail is partly noise. Average seeds to see the task’s own spectrum.`;
}

/** Recommended rank of each kind: the median over its modules, low of the two middle ones. */
export function ranksByKind(
  { modules }: AdviceDocument,
  order: readonly string[],
): { kind: string; rank: number; modules: number }[] {
  const kinds = Map.groupBy(modules, ({ module }) => module.split(".").at(-1) ?? module);
  const place = (kind: string) => (order.includes(kind) ? order.indexOf(kind) : order.length);
  const sorted = [...kinds].sort(([one], [other]) => place(one) - place(other));
  return sorted.map(([kind, own]) => {
    const ranks = own.map(({ advice }) => advice.rank_rec).sort((one, other) => one - other);
    return { kind, rank: ranks[Math.floor((ranks.length - 1) / 2)] ?? 1, modules: own.length };
  });
}

/** For peft's LoraConfig: `r`, and the modules that differ from it. */
export function rankPattern({ total, modules }: AdviceDocument): string {
  const differing = modules.filter(({ advice }) => advice.rank_rec !== total.rank_rec);
  const pattern = Object.fromEntries(differing.map(({ module, advice }) => [module, advice.rank_rec]));
  return JSON.stringify({ r: total.rank_rec, rank_pattern: pattern }, null, 2);
}

export function confidenceSentence({ total: { confidence, why, modules }, measured }: AdviceDocument): string {
  const seeds = measured ? ` ${formatNumberOf(measured.rows.length, "run")} on one task.` : " No measured sweep.";
  return `Confidence: ${confidence}. ${formatNumberOf(modules, "module")}; ${why}.${seeds}`;
}

/** Places of the heat map: samples around yours, noise over the range of the slider. */
export function mapPlaces(n: number): { n: number[]; rho: number[] } {
  const samples = Array.from({ length: 10 }, (_, index) => Math.max(2, Math.round(n * 4 ** (index / 2 - 2.5))));
  return { n: [...new Set(samples)], rho: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30] };
}
