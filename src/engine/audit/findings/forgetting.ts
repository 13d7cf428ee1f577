/** What each run lost of the old tasks, as trained, and what it gained on the new ones. */
import type { AuditRow, SweepPoint } from "../../../contract/domain/audit.ts";
import type { Finding, FindingPart } from "../../../contract/domain/finding.ts";
import { formatBitsChange, formatPoints } from "../../../contract/format.ts";
import { shortText } from "../../../contract/text.ts";
import { run, sentence, text } from "../../report/findings/sentence.ts";
import type { AuditEvidence } from "./findings.ts";
import { forgettingView, intervalWords, isDetected, listed, parenthesis, points } from "./words.ts";

const claimP = 0.05;
const namedTasks = 3;

type Evidence = Pick<AuditEvidence, "spec" | "rows" | "sweep">;

/** One sentence for each run; `forgetting-1` is that of the first run of the question. */
export function forgettingFindings({ spec, rows, sweep }: Evidence): Finding[] {
  return spec.tuned.flatMap(({ label }, place) => {
    const own = rows.filter((row) => row.label === label && row.lambda === 1);
    const point = sweep.find((entry) => entry.label === label && entry.lambda === 1);
    const parts = [...oldParts(own, point), ...newParts(point), ...textParts(own)];
    if (parts.length === 0) return [];
    const joined = parts.flatMap((clause, index) => (index === 0 ? clause : [text("; "), ...clause]));
    return sentence(`forgetting-${place + 1}`, forgettingView, [
      { parts: [run(label), text(": "), ...joined], modules: [] },
    ]);
  });
}

function oldParts(rows: readonly AuditRow[], point: SweepPoint | undefined): FindingPart[][] {
  if (point === undefined) return [];
  const { difference, ci95, items = 0 } = point.retention;
  const old = rows.filter(({ role, mcnemarP }) => role === "retain" && mcnemarP !== null);
  const lost = claimed(old).filter((row) => row.difference < 0);
  const gained = claimed(old).filter((row) => row.difference > 0);
  if (!isDetected(ci95) && lost.length === 0 && gained.length === 0) {
    return [[text(`no detectable change on the old tasks (${intervalWords(ci95, items)})`)]];
  }
  const whole: FindingPart[] = [
    text("old tasks "),
    ...points(difference),
    parenthesis(intervalWords(ci95, items)),
    text(claimWords(old.length, lost, gained)),
  ];
  return [whole];
}

/** Rows whose change is more than noise after Holm's correction over the whole audit, the largest first. */
function claimed(rows: readonly AuditRow[]): AuditRow[] {
  const significant = rows.filter(({ adjustedP }) => adjustedP !== null && adjustedP < claimP);
  return significant.sort((one, other) => Math.abs(other.difference) - Math.abs(one.difference));
}

function claimWords(tested: number, lost: readonly AuditRow[], gained: readonly AuditRow[]): string {
  if (lost.length === 0 && gained.length === 0) {
    return tested > 1 ? ", on no single task more than noise (Holm)" : ", not more than noise after Holm's correction";
  }
  const parts = [
    ...(lost.length > 0 ? [`forgets ${taskList(lost)}`] : []),
    ...(gained.length > 0 ? [`gains on ${taskList(gained)}`] : []),
  ];
  return `, ${parts.join(" and ")} (Holm p < 0.05)`;
}

function taskList(rows: readonly AuditRow[]): string {
  const named = rows
    .slice(0, namedTasks)
    .map(({ task, difference }) => `${shortText(task, 40)} ${formatPoints(difference, 1)}`);
  const rest = rows.length - namedTasks;
  return listed(rest > 0 ? [...named, `${rest} more`] : named);
}

function newParts(point: SweepPoint | undefined): FindingPart[][] {
  if (!point?.newTask) return [];
  const { difference, ci95, items = 0 } = point.newTask;
  if (!isDetected(ci95)) return [[text(`no detectable change on the new task (${intervalWords(ci95, items)})`)]];
  return [[text("new task "), ...points(difference), parenthesis(intervalWords(ci95, items))]];
}

function textParts(rows: readonly AuditRow[]): FindingPart[][] {
  return rows
    .filter(({ metric }) => metric === "bits_per_byte")
    .map(({ task, difference, ci95, items }) => {
      const interval =
        ci95 === null ? "" : `95 % interval ${formatBitsChange(ci95[0])} … ${formatBitsChange(ci95[1])}, `;
      const words = `${interval}${items} documents`;
      if (ci95 !== null && !isDetected(ci95)) {
        return [text(`no detectable change of ${shortText(task, 40)} (${words})`)];
      }
      return [text(`${shortText(task, 40)} ${formatBitsChange(difference)} bits per byte (${words})`)];
    });
}
