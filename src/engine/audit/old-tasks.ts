/** What stored answers say of the old tasks of some runs, in the one sentence that stands beside their weights. */
import type { AuditDocument, AuditRow, AuditSpec } from "../../contract/domain/audit.ts";
import type { Finding, FindingPart } from "../../contract/domain/finding.ts";
import { formatBitsChange, formatNumberOf, formatPoints } from "../../contract/format.ts";
import { shortText } from "../../contract/text.ts";
import { run, sentence, text } from "../report/findings/sentence.ts";
import { forgettingView, isDetected, points } from "./findings/words.ts";
import type { AuditServices } from "./services.ts";
import { storedAudit } from "./stored.ts";

/** A run whose old tasks are asked about, by the weights that it was trained from. */
export interface AskedRun {
  label: string;
  path: string;
  baseFingerprint: string;
}

/** Questions that differ in what counts here and are looked at: each reads its tasks and draws its intervals. */
const mostQuestions = 16;

/**
 * "Old tasks, as trained: fft −12.3 points [−15.0, −9.0]; lora no detectable change [−1.0, +0.7] (95 % intervals,
 * 300 items); dora not measured." Nothing when no run has answers. Of the questions, the newest first, the one that
 * tells of most runs speaks; one whose base or tasks can no longer be read does not. Runs of another base than its
 * own have no part in the sentence.
 */
export async function oldTasksFinding(
  questions: readonly AuditSpec[],
  runs: readonly AskedRun[],
  services: AuditServices,
  signal?: AbortSignal,
): Promise<Finding[]> {
  let best: Told | undefined;
  for (const question of distinct(questions)) {
    const told = await toldBy(question, runs, services, signal).catch(() => undefined);
    signal?.throwIfAborted();
    if (told && told.known.length > (best?.known.length ?? 0)) best = told;
    if (best?.known.length === runs.length) break;
  }
  return best ? findingOf(best) : [];
}

interface Told {
  asked: readonly AskedRun[];
  known: Change[];
}

/** Which models were asked, and what was done to them, makes no difference here. */
function distinct(questions: readonly AuditSpec[]): AuditSpec[] {
  const newest = new Map<string, AuditSpec>();
  for (const question of questions) {
    const key = JSON.stringify([question.base, question.tasks, question.settings]);
    if (!newest.has(key)) newest.set(key, question);
  }
  return [...newest.values()].slice(0, mostQuestions);
}

/** @throws DeltaScopeError when the base cannot be opened or no task can be read */
async function toldBy(
  question: AuditSpec,
  runs: readonly AskedRun[],
  services: AuditServices,
  signal: AbortSignal | undefined,
): Promise<Told | undefined> {
  const { fingerprint } = await services.weights.base(question.base);
  const asked = runs.filter(({ baseFingerprint }) => baseFingerprint === fingerprint);
  if (asked.length === 0) return undefined;
  const tuned = asked.map(({ label, path }) => ({ label, path }));
  const asTrained = { ...question, tuned, lambdas: [], sequence: false };
  // What the whole workspace shows about confounds has no place in the sentence.
  const weights = { ...services.weights, measuredRuns: async () => [] };
  const document = await storedAudit(asTrained, { ...services, weights }, signal);
  return { asked, known: asked.flatMap(({ label }) => changeOf(document, label) ?? []) };
}

function findingOf({ asked, known }: Told): Finding[] {
  const clauses = known.toSorted(byChange).map((change) => ({ parts: changeParts(change), modules: [] }));
  return sentence("old-tasks-change", forgettingView, clauses, {
    before: [text("Old tasks, as trained: ")],
    after: [text(` (${basisOf(known)})`), ...missingParts(asked, known)],
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

function missingParts(asked: readonly AskedRun[], known: readonly Change[]): FindingPart[] {
  const missing = asked.filter(({ label }) => known.every((change) => change.label !== label));
  if (missing.length === 0) return [];
  const names = missing.flatMap(({ label }, index) => (index === 0 ? [run(label)] : [text(", "), run(label)]));
  return [text("; "), ...names, text(" not measured")];
}
