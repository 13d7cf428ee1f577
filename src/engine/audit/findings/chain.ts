/** What the last stage of a chain lost of the best that came before it. */
import type { StageRow } from "../../../contract/domain/audit.ts";
import type { Finding, FindingPart } from "../../../contract/domain/finding.ts";
import { formatNumberOf, formatPoints } from "../../../contract/format.ts";
import { shortText } from "../../../contract/text.ts";
import { run, sentence, text } from "../../report/findings/sentence.ts";
import { forgettingView, listed } from "./words.ts";

const namedTasks = 4;
/** From here on a loss is claimed. */
const claimP = 0.05;

/** "After the last of 3 stages, fft: facts lies 25.0 points below the best stage before (Holm p < 0.05); …" */
export function chainFinding(stages: readonly StageRow[]): Finding[] {
  const last = stages.at(-1);
  if (last === undefined || stages.length < 2) return [];
  const losses = Object.entries(last.forgetting)
    .filter(([task, lost]) => lost > 0 && (last.forgettingP?.[task] ?? 1) < claimP)
    .sort(([, one], [, other]) => other - one)
    .slice(0, namedTasks)
    .map(([task, lost]) => `${shortText(task, 40)} lies ${formatPoints(lost, 1).replace("+", "")} points`);
  const words =
    losses.length === 0
      ? "no task lies detectably below the best stage before"
      : `${listed(losses)} below the best stage before (Holm p < 0.05)`;
  const parts: FindingPart[] = [
    text(`After the last of ${stages.length} stages, `),
    run(last.label),
    text(`: ${words}${intruderWords(last)}`),
  ];
  return sentence("chain", forgettingView, [{ parts, modules: [] }]);
}

function intruderWords({ intrudersAgainstBase, intrudersAgainstPrevious }: StageRow): string {
  if (intrudersAgainstBase === null) return "";
  const first = `; ${formatNumberOf(intrudersAgainstBase, "intruder dimension")} against the base`;
  return intrudersAgainstPrevious === null ? first : `${first}, ${intrudersAgainstPrevious} against the stage before`;
}
