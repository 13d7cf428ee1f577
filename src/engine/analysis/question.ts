/** The identity of a question: same weights, same settings, same measures — same id, so stored results are reused. */
import { createHash } from "node:crypto";
import type { AnalysisSettings } from "../../contract/domain/analysis.ts";
import { measuresVersion } from "../version.ts";

/** Thresholds of the sensitivity grid; the asked ε is added to them. */
const gridEpsilons = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8] as const;

/**
 * SHA-256 over both fingerprints and every setting that changes a number. Filters, labels, threads and memory are
 * left out on purpose: they choose or speed up, they do not change an answer.
 */
export function analysisId(base: string, tuned: string, settings: AnalysisSettings): string {
  const question = {
    measures: measuresVersion,
    base,
    tuned,
    k: settings.k,
    epsilon: settings.epsilon,
    side: settings.side,
    quick: settings.quick,
    exact: settings.exact,
    asMerged: settings.asMerged,
    seed: settings.seed,
  };
  return createHash("sha256").update(JSON.stringify(question)).digest("hex");
}

/** ε values of the grid, rising, the asked one among them. */
export function epsilonsFor(settings: AnalysisSettings): number[] {
  return [...new Set([...gridEpsilons, settings.epsilon])].sort((a, b) => a - b);
}

/** Numbers of top vectors of the grid: about a half, the asked k, and what lies between. */
export function ksFor(settings: AnalysisSettings): number[] {
  const shares = [0.1, 0.3, 0.5, 0.7, 1];
  return [...new Set(shares.map((share) => Math.max(1, Math.round(share * settings.k))))].sort((a, b) => a - b);
}

/** Sides to examine; none when only sizes and spectra of ΔW are asked for. */
export function sidesFor(settings: AnalysisSettings): ("left" | "right")[] {
  if (settings.quick) return [];
  return settings.side === "both" ? ["left", "right"] : [settings.side];
}
