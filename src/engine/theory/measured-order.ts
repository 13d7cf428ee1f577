/** Measured accuracies by rank beside the order that the model predicts; a disagreement is said like an agreement. */
import type { MeasuredOrder } from "../../contract/domain/theory.ts";
import { formatCount, formatNumberOf, formatProbability, formatSignificant } from "../../contract/format.ts";
import { averageRanks, spearman, spearmanP } from "../evaluation/statistics/rank-correlation.ts";

/** One run with a stored accuracy. */
export interface MeasuredRank {
  label: string;
  analysis: string;
  /** Undefined: full fine-tuning. */
  r: number | undefined;
  /** Of the new task. */
  accuracy: number;
  ci95: [number, number];
  items: number;
}

export interface MeasuredRanks {
  base: string;
  task: string;
  runs: MeasuredRank[];
}

const significant = 0.05;

/** @param riskAt predicted risk at a rank, undefined for full fine-tuning */
export function measuredOrderOf(
  { base, task, runs }: MeasuredRanks,
  riskAt: (rank: number | undefined) => number,
): MeasuredOrder {
  const risks = runs.map(({ r }) => riskAt(r));
  const errors = runs.map(({ accuracy }) => -accuracy);
  const [predicted, measured] = [averageRanks(risks), averageRanks(errors)];
  const rows = runs.map(({ label, analysis, r, accuracy, ci95, items }, index) => ({
    ...{ label, analysis, r: r ?? null, accuracy, ci95, items },
    predictedRisk: risks[index] ?? 0,
    predictedOrder: predicted[index] ?? 0,
    measuredOrder: measured[index] ?? 0,
  }));
  rows.sort((one, other) => one.predictedOrder - other.predictedOrder || one.label.localeCompare(other.label, "en"));
  const rho = spearman(risks, errors) ?? null;
  const pairs = clearPairsOf(rows);
  const pValue = rho === null ? null : (spearmanP(risks, errors) ?? null);
  const verdict = verdictOf(rho, pValue, pairs);
  const result = { base, task, rows, spearman: rho, pValue, ...pairs, verdict };
  return { ...result, sentence: sentenceOf(result) };
}

type Row = MeasuredOrder["rows"][number];
type Pairs = Pick<MeasuredOrder, "clearPairs" | "agreeingPairs">;

/** Pairs whose intervals do not touch, and those among them that the prediction orders likewise. */
function clearPairsOf(rows: readonly Row[]): Pairs {
  const pairs: Pairs = { clearPairs: 0, agreeingPairs: 0 };
  for (const [index, one] of rows.entries()) {
    for (const other of rows.slice(index + 1)) {
      const [better, worse] = one.accuracy >= other.accuracy ? [one, other] : [other, one];
      // Runs of one rank have one prediction and no order.
      if (better.ci95[0] <= worse.ci95[1] || better.predictedRisk === worse.predictedRisk) continue;
      pairs.clearPairs += 1;
      if (better.predictedRisk < worse.predictedRisk) pairs.agreeingPairs += 1;
    }
  }
  return pairs;
}

/** Only what is more than chance decides: pairs that are clearly apart, or a correlation that is. */
function verdictOf(
  rho: number | null,
  pValue: number | null,
  { clearPairs, agreeingPairs }: Pairs,
): MeasuredOrder["verdict"] {
  if (rho === null) return "unclear";
  if (pValue !== null && pValue < significant) return rho > 0 ? "agree" : "disagree";
  const balance = 2 * agreeingPairs - clearPairs;
  return balance === 0 ? "unclear" : balance > 0 ? "agree" : "disagree";
}

const verdicts: Record<MeasuredOrder["verdict"], string> = {
  agree: "The measured order agrees with the prediction",
  disagree: "The measured order disagrees with the prediction",
  unclear: "The measurements cannot tell whether the predicted order holds",
};

function sentenceOf(order: Omit<MeasuredOrder, "sentence">): string {
  const { rows, spearman: rho, pValue, clearPairs, agreeingPairs, verdict } = order;
  if (rho === null)
    return `${formatNumberOf(rows.length, "run")} on this task: too few, or all equal, to compare orders.`;
  const correlation = `rank correlation ${formatSignificant(rho, 2)} over ${formatNumberOf(rows.length, "run")}, p ${formatProbability(pValue)}`;
  const pairs =
    clearPairs === 0
      ? "No two accuracies are apart by more than their intervals."
      : `Of ${formatNumberOf(clearPairs, "pair")} whose intervals are apart, ${formatCount(agreeingPairs)} ${agreeingPairs === 1 ? "lies" : "lie"} as predicted.`;
  const twins = new Set(rows.map(({ r }) => r)).size < rows.length;
  const caution = twins ? " Runs of one rank differ in what the model leaves out, as learning rates." : "";
  return `${verdicts[verdict]}: ${correlation}. ${pairs}${caution}`;
}
