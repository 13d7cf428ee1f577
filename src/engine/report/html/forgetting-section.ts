/** What each run forgot: every task with its interval and p, and the λ sweep with its control arms. */
import type { AuditDocument, AuditRow, SweepPoint } from "../../../contract/domain/audit.ts";
import {
  formatAccuracy,
  formatBitsChange,
  formatBitsPerByte,
  formatCount,
  formatPoints,
  formatPointsInterval,
  formatProbability,
  formatShare,
  formatThreshold,
  undefinedQuantity,
} from "../../../contract/format.ts";
import { shortText } from "../../../contract/text.ts";
import { runTitle } from "./badge.ts";
import { html, type Markup } from "./markup.ts";
import { armLegend, armNames, sweepChart } from "./sweep-chart.ts";
import { type Cell, type Head, table } from "./table.ts";

const taskHeads: readonly Head[] = [
  { title: "Run", left: true },
  { title: "Task", left: true },
  { title: "Items" },
  { title: "Base" },
  { title: "Tuned" },
  { title: "Change" },
  { title: "95 % interval" },
  { title: "Lost" },
  { title: "Gained" },
  { title: "p" },
  { title: "p (Holm)" },
  { title: "Note", left: true },
];

const sweepHeads: readonly Head[] = [
  { title: "Run", left: true },
  { title: "Arm", left: true },
  { title: "λ" },
  { title: "Old tasks" },
  { title: "Change" },
  { title: "95 % interval" },
  { title: "New task" },
  { title: "Change" },
  { title: "95 % interval" },
  { title: "ΔW / W0" },
  { title: "" },
];

/** Runs by their letters, in the order in which they first appear. */
export function auditRuns({ rows }: Pick<AuditDocument, "rows">): { label: string }[] {
  return [...new Set(rows.map(({ label }) => label))].map((label) => ({ label }));
}

export function forgettingSection(document: AuditDocument): Markup {
  const runs = auditRuns(document).map(({ label }) => label);
  const trained = document.rows.filter(({ lambda }) => lambda === 1);
  if (trained.length === 0) return html``;
  const { bootstrapDraws, bootstrapSeed } = document.settings;
  return html`<section><h2>Forgetting</h2>
${table(
  taskHeads,
  runs.flatMap((label) => runCells(label, trained, document.sweep, runs)),
)}
<p class="note">Each run as trained against the base, over the same items. Changes of accuracy in percentage points, of texts in bits per byte.
Intervals: paired percentile bootstrap, ${formatCount(bootstrapDraws)} draws, seed ${bootstrapSeed}. p: exact McNemar; Holm over all ${formatCount(testsOf(document))} tests of the audit.</p></section>`;
}

/** The tasks of one run, then all of its old tasks together. */
function runCells(
  label: string,
  rows: readonly AuditRow[],
  sweep: readonly SweepPoint[],
  runs: readonly string[],
): Cell[][] {
  const own = rows.filter((row) => row.label === label).map((row) => taskCells(row, runs));
  const point = sweep.find((entry) => entry.label === label && entry.lambda === 1);
  return point === undefined ? own : [...own, pooledCells(point, runs)];
}

function pooledCells(point: SweepPoint, runs: readonly string[]): Cell[] {
  const { value, difference, items, lost, gained } = point.retention;
  return [
    runTitle(point, runs.indexOf(point.label)),
    html`<b>all old tasks</b>`,
    formatCount(items),
    formatAccuracy(value - difference),
    formatAccuracy(value),
    html`<b>${formatPoints(difference)}</b>`,
    pooledInterval(point.retention),
    formatCount(lost),
    formatCount(gained),
    "",
    "",
    "",
  ];
}

function testsOf({ rows }: AuditDocument): number {
  return rows.filter(({ mcnemarP }) => mcnemarP !== null).length;
}

function taskCells(row: AuditRow, runs: readonly string[]): Cell[] {
  const text = row.metric === "bits_per_byte";
  const value = text ? formatBitsPerByte : formatAccuracy;
  return [
    runTitle(row, runs.indexOf(row.label)),
    shortText(row.role === "new" ? `${row.task} (new)` : row.task),
    formatCount(row.items),
    value(row.baseValue),
    value(row.value),
    text ? formatBitsChange(row.difference) : formatPoints(row.difference),
    rowInterval(row),
    formatCount(row.lost),
    formatCount(row.gained),
    formatProbability(row.mcnemarP),
    significant(row),
    row.note ?? "",
  ];
}

function rowInterval({ ci95, metric }: AuditRow): string {
  if (ci95 === null) return undefinedQuantity;
  if (metric === "bits_per_byte") return `[${formatBitsChange(ci95[0])}, ${formatBitsChange(ci95[1])}]`;
  return formatPointsInterval(ci95);
}

function significant({ adjustedP }: AuditRow): Cell {
  const words = formatProbability(adjustedP);
  return adjustedP !== null && adjustedP < 0.05 ? html`<b>${words}</b>` : words;
}

export function sweepSection(document: AuditDocument): Markup {
  const runs = auditRuns(document).map(({ label }) => label);
  const swept = new Set(document.sweep.filter(({ lambda }) => lambda !== 1).map(({ label }) => label));
  const points = document.sweep.filter(({ label }) => swept.has(label));
  if (points.length === 0) return html``;
  const ordered = points.toSorted(
    (one, other) => runs.indexOf(one.label) - runs.indexOf(other.label) || byArm(one, other),
  );
  const arms = [...new Set(points.filter(({ lambda }) => lambda !== 1).map(({ arm }) => arm))];
  const charts = runs.flatMap((label) => figure(label, points, runs) ?? []);
  return html`<section><h2>Scaling the intruders</h2>
${charts.length > 0 ? html`<div class="charts">${charts}</div>${armLegend(arms)}` : undefined}
${table(
  sweepHeads,
  ordered.map((point) => pointCells(point, runs)),
)}
<p class="note">The arms beside “${armNames.scale}” are controls: what they reach as well does not come from the intruders.
All items of the old tasks together; ★ no other point of the run is at least as good on both sides and better on one.
ΔW / W0: over the modules that hold chosen vectors, not over the whole run.</p></section>`;
}

function figure(label: string, points: readonly SweepPoint[], runs: readonly string[]): Markup | undefined {
  const chart = sweepChart(
    points.filter((point) => point.label === label),
    shortText(label, 40),
  );
  return chart && html`<figure><h3>${runTitle({ label }, runs.indexOf(label))}</h3>${chart}</figure>`;
}

function byArm(one: SweepPoint, other: SweepPoint): number {
  if (one.arm !== other.arm) return one.arm < other.arm ? -1 : 1;
  return other.lambda - one.lambda;
}

function pointCells(point: SweepPoint, runs: readonly string[]): Cell[] {
  const { arm, lambda, retention, newTask, weights, pareto } = point;
  return [
    runTitle(point, runs.indexOf(point.label)),
    lambda === 1 ? "as trained" : armNames[arm],
    formatThreshold(lambda),
    formatAccuracy(retention.value),
    formatPoints(retention.difference),
    pooledInterval(retention),
    formatAccuracy(newTask?.value),
    formatPoints(newTask?.difference),
    pooledInterval(newTask),
    formatShare(weights?.relative),
    pareto ? "★" : "",
  ];
}

function pooledInterval(score: SweepPoint["newTask"]): string {
  return score?.ci95 ? formatPointsInterval(score.ci95) : undefinedQuantity;
}
