/** What stored answers say of the old tasks of some runs, in the one sentence that stands beside their weights. */
import type { AuditDocument, AuditRow, AuditSpec, SweepPoint } from "../../contract/domain/audit.ts";
import type { Finding, FindingPart } from "../../contract/domain/finding.ts";
import { formatBitsChange } from "../../contract/format.ts";
import { shortText } from "../../contract/text.ts";
import { type Clause, run, sentence, text } from "../report/findings/sentence.ts";
import { forgettingView, intervalWords, isDetected, parenthesis, points } from "./findings/words.ts";
import type { AuditServices } from "./services.ts";
import { storedAudit } from "./stored.ts";

/**
 * "Old tasks, as trained against the base: fft −12.3 points (95 % interval −15.0 … −9.0 points, 300 items); lora not
 * measured." Nothing when no run of the question has answers.
 * @throws DeltaScopeError when the base cannot be opened or no task can be read
 */
export async function oldTasksFinding(
  spec: AuditSpec,
  services: AuditServices,
  signal?: AbortSignal,
): Promise<Finding[]> {
  const asTrained = { ...spec, lambdas: [], sequence: false };
  // What the whole workspace shows about confounds has no place in the sentence.
  const weights = { ...services.weights, measuredRuns: async () => [] };
  const document = await storedAudit(asTrained, { ...services, weights }, signal);
  const clauses = spec.tuned.map(({ label }) => ({ label, said: saidOf(document, label) }));
  if (clauses.every(({ said }) => said === undefined)) return [];
  return sentence("old-tasks-change", forgettingView, clauses.map(clauseOf), {
    before: [text("Old tasks, as trained against the base: ")],
  });
}

function clauseOf({ label, said }: { label: string; said: FindingPart[] | undefined }): Clause {
  return { parts: [run(label), text(" "), ...(said ?? [text("not measured")])], modules: [] };
}

/** All old items together; tasks of text where there are no others. */
function saidOf({ sweep, rows }: AuditDocument, label: string): FindingPart[] | undefined {
  const point = sweep.find((entry) => entry.label === label);
  if (point) return pooledWords(point.retention);
  const row = rows.find((entry) => entry.label === label && entry.role === "retain");
  return row && rowWords(row);
}

function pooledWords({ difference, ci95, items = 0 }: SweepPoint["retention"]): FindingPart[] {
  const words = parenthesis(intervalWords(ci95, items));
  return isDetected(ci95) ? [...points(difference), words] : [text("no detectable change"), words];
}

/** One old task by itself: text, or choices while others of the pool are missing. */
function rowWords({ task, metric, difference, ci95, items }: AuditRow): FindingPart[] {
  const name = shortText(task, 40);
  if (metric !== "bits_per_byte") return [text(`on ${name} `), ...pooledWords({ value: 0, difference, ci95, items })];
  const interval = ci95 === null ? "" : `95 % interval ${ci95.map(formatBitsChange).join(" … ")}, `;
  const words = `${interval}${items} documents`;
  if (!isDetected(ci95)) return [text(`no detectable change of ${name} (${words})`)];
  return [text(`${name} ${formatBitsChange(difference)} bits per byte (${words})`)];
}
