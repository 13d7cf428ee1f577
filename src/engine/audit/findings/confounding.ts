/** Whether these runs can tell intruders from the size of the update. */
import type { Finding } from "../../../contract/domain/finding.ts";
import { formatProbability } from "../../../contract/format.ts";
import { sentence, text, value } from "../../report/findings/sentence.ts";
import { confoundTable, type MeasuredRun, sharedRanks } from "../confounds.ts";
import { forgettingView } from "./words.ts";

/** Partial correlations of fewer runs are all noise. */
const fewestRuns = 5;
/** From here on two rankings of the runs are nearly one. */
const strong = 0.7;

export function confounding(runs: readonly MeasuredRun[]): Finding[] {
  if (runs.length === 0) return [];
  const [count, , size] = confoundTable(runs);
  const shared = sharedRanks(runs);
  if (runs.length < fewestRuns || count?.spearman == null || size?.spearman == null || shared === undefined) {
    const words = `${runs.length} ${runs.length === 1 ? "run has" : "runs have"} scores and an analysis`;
    const missing =
      runs.length < fewestRuns ? `at least ${fewestRuns} are needed` : "these do not differ in intruder count or size";
    return plain(`Confounds: ${words}; ${missing} to tell intruders from the size of ΔW`);
  }
  const parts = [
    text(`Over ${runs.length} runs forgetting goes with the intruder count (Spearman `),
    value(count.spearman, "", "computed"),
    text(`, p ${formatProbability(count.pValue)}) and with ‖ΔW‖ (`),
    value(size.spearman, "", "computed"),
    text(`, p ${formatProbability(size.pValue)}); the two rank the runs alike with `),
    value(shared, "", "computed"),
    ...(count.partial === null
      ? []
      : [text(", and given ‖ΔW‖ the count keeps "), value(count.partial, "", "computed")]),
    text(Math.abs(shared) >= strong ? ": these runs cannot tell which of them carries it" : ""),
  ];
  return sentence("confounds", forgettingView, [{ parts: parts.filter(isSaid), modules: [] }]);
}

function isSaid(part: ReturnType<typeof text>): boolean {
  return !("text" in part) || part.text !== "";
}

function plain(words: string): Finding[] {
  return sentence("confounds", forgettingView, [{ parts: [text(words)], modules: [] }]);
}
