/** What stored answers say of the old tasks of some runs, in the one sentence that stands beside their weights. */
import type { AuditDocument, AuditRow, AuditSpec } from "../../contract/domain/audit.ts";
import type { Finding, FindingPart } from "../../contract/domain/finding.ts";
import { formatBitsChange, formatNumberOf, formatPoints } from "../../contract/format.ts";
import { shortText } from "../../contract/text.ts";
import { run, sentence, text } from "../report/findings/sentence.ts";
import { forgettingView, isDetected, points } from "./findings/words.ts";
import type { AuditServices } from "./services.ts";
import { storedAudit } from "./stored.ts";

/**
 * "Old tasks, as trained: fft −12.3 points [−15.0, −9.0]; lora no detectable change [−1.0, +0.7] (95 % intervals,
 * 300 items); dora not measured." Nothing when no run of the question has answers.
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
  const known = spec.tuned.flatMap(({ label }) => changeOf(document, label) ?? []);
  if (known.length === 0) return [];
  const clauses = known.toSorted(byChange).map((change) => ({ parts: changeParts(change), modules: [] }));
  return sentence("old-tasks-change", forgettingView, clauses, {
    before: [text("Old tasks, as trained: ")],
    after: [text(` (${basisOf(known)})`), ...missingParts(spec, known)],
  });
}

type Interval = [number, number] | null;

/** What one run lost or gained. */
interface Change {
  label: string;
  /** One task that stands for itself; undefined for all old items together. */
  task: string | undefined;
  unit: "points" | "bits per byte";
  difference: number;
  ci95: Interval;
  items: number;
}

/** All old items together; one task by itself while the others are missing, and where there is only text. */
function changeOf({ sweep, rows }: AuditDocument, label: string): Change | undefined {
  const pooled = sweep.find((point) => point.label === label)?.retention;
  if (pooled) {
    const { difference, ci95, items = 0 } = pooled;
    return { label, task: undefined, unit: "points", difference, ci95, items };
  }
  const row = rows.find((entry) => entry.label === label && entry.role === "retain");
  return row && taskChange(row);
}

function taskChange({ label, task, metric, difference, ci95, items }: AuditRow): Change {
  const unit = metric === "bits_per_byte" ? "bits per byte" : "points";
  return { label, task: shortText(task, 40), unit, difference, ci95, items };
}

/** The largest loss comes first: a strip with many runs shows only the beginning. More bits are a loss. */
function byChange(one: Change, other: Change): number {
  return gain(one) - gain(other);
}

function gain({ unit, difference }: Change): number {
  return unit === "points" ? difference : -difference;
}

function changeParts({ label, task, unit, difference, ci95 }: Change): FindingPart[] {
  const place = task === undefined ? " " : ` on ${task} `;
  const interval = text(intervalText(unit, ci95));
  if (ci95 !== null && !isDetected(ci95)) return [run(label), text(`${place}no detectable change`), interval];
  const change = unit === "points" ? points(difference) : [text(`${formatBitsChange(difference)} ${unit}`)];
  return [run(label), text(place), ...change, interval];
}

function intervalText(unit: Change["unit"], ci95: Interval): string {
  if (ci95 === null) return ", no interval";
  const format = unit === "points" ? (value: number) => formatPoints(value, 1) : formatBitsChange;
  return ` [${ci95.map(format).join(", ")}]`;
}

function basisOf(known: readonly Change[]): string {
  const counts = [...new Set(known.map(({ items }) => items))].sort((one, other) => one - other);
  const [least = 0, most = least] = [counts[0], counts.at(-1)];
  return `95 % intervals, ${least === most ? "" : `${least} to `}${formatNumberOf(most, "item")}`;
}

function missingParts({ tuned }: AuditSpec, known: readonly Change[]): FindingPart[] {
  const missing = tuned.filter(({ label }) => known.every((change) => change.label !== label));
  if (missing.length === 0) return [];
  const names = missing.flatMap(({ label }, index) => (index === 0 ? [run(label)] : [text(", "), run(label)]));
  return [text("; "), ...names, text(" not measured")];
}
