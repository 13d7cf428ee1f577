/** Tables of an audit: forgetting by task, the λ sweep, a chain of fine-tunes, confounds. */
import type { AuditDocument, AuditRow, Confound, SweepPoint } from "../../contract/domain/audit.ts";
import {
  formatAccuracy,
  formatBitsChange,
  formatBitsPerByte,
  formatCount,
  formatPoints,
  formatPointsInterval,
  formatProbability,
  formatShare,
  formatSignificant,
  formatThreshold,
  undefinedQuantity,
} from "../../contract/format.ts";
import { shortText } from "../../contract/text.ts";
import type { Style } from "../terminal/style.ts";
import { type Column, tableLines } from "../terminal/table.ts";

const forgettingColumns: readonly Column[] = [
  { title: "run", align: "left", flexible: { minimum: 12 } },
  { title: "task", align: "left", flexible: { minimum: 14 } },
  { title: "items", align: "right", droppable: 4 },
  { title: "base", align: "right", droppable: 2 },
  { title: "tuned", align: "right" },
  { title: "change", align: "right" },
  { title: "95 % interval", align: "right" },
  { title: "−lost +gained", align: "right" },
  { title: "p", align: "right", droppable: 3 },
  { title: "p (Holm)", align: "right" },
  { title: "detectable", align: "right", droppable: 5 },
];

/** As trained; changes of accuracy in percentage points, of texts in bits per byte. */
export function forgettingLines({ rows, sweep }: AuditDocument, width: number, style: Style): string[] {
  const trained = rows.filter(({ lambda }) => lambda === 1);
  if (trained.length === 0) return [];
  const labels = [...new Set(trained.map(({ label }) => label))];
  const cells = labels.flatMap((label) => {
    const own = trained.filter((row) => row.label === label);
    const point = sweep.find((entry) => entry.label === label && entry.lambda === 1);
    const ordered = own.toSorted((one, other) => Number(other.role === "new") - Number(one.role === "new"));
    return [...ordered.map(taskCells), ...(point ? [pooledCells(point)] : [])];
  });
  return titled(
    "Change against the base, as trained (points; texts: bits per byte)",
    forgettingColumns,
    cells,
    width,
    style,
  );
}

function taskCells(row: AuditRow): string[] {
  const text = row.metric === "bits_per_byte";
  const value = text ? formatBitsPerByte : formatAccuracy;
  return [
    shortText(row.label),
    shortText(row.role === "new" ? `${row.task} (new)` : row.task),
    formatCount(row.items),
    value(row.baseValue),
    value(row.value),
    text ? formatBitsChange(row.difference) : formatPoints(row.difference),
    intervalCell(row),
    flipsCell(row),
    formatProbability(row.mcnemarP),
    formatProbability(row.adjustedP),
    text ? formatSignificant(row.detectable) : formatPoints(row.detectable, 1).replace("+", ""),
  ];
}

function intervalCell({ ci95, metric }: AuditRow): string {
  if (ci95 === null) return undefinedQuantity;
  if (metric === "bits_per_byte") return `[${formatBitsChange(ci95[0])}, ${formatBitsChange(ci95[1])}]`;
  return formatPointsInterval(ci95);
}

function flipsCell({ lost, gained }: { lost?: number | null | undefined; gained?: number | null | undefined }): string {
  return lost == null || gained == null ? undefinedQuantity : `−${formatCount(lost)} +${formatCount(gained)}`;
}

function pooledCells({ label, retention }: SweepPoint): string[] {
  return [
    shortText(label),
    "all old tasks",
    formatCount(retention.items),
    formatAccuracy(retention.value - retention.difference),
    formatAccuracy(retention.value),
    formatPoints(retention.difference),
    retention.ci95 === null ? undefinedQuantity : formatPointsInterval(retention.ci95),
    flipsCell(retention),
    "",
    "",
    "",
  ];
}

const sweepColumns: readonly Column[] = [
  { title: "run", align: "left", flexible: { minimum: 12 } },
  { title: "arm", align: "left" },
  { title: "λ", align: "right" },
  { title: "old tasks", align: "right" },
  { title: "change", align: "right" },
  { title: "95 % interval", align: "right", droppable: 2 },
  { title: "new task", align: "right" },
  { title: "change", align: "right", droppable: 1 },
  { title: "95 % interval", align: "right", droppable: 3 },
  { title: "ΔW/W0", align: "right", droppable: 4 },
  { title: "", align: "left" },
];

/** Only runs that were swept; a star marks points that no other one of the run beats on both sides. */
export function sweepLines({ sweep }: AuditDocument, width: number, style: Style): string[] {
  const swept = new Set(sweep.filter(({ lambda }) => lambda !== 1).map(({ label }) => label));
  if (swept.size === 0) return [];
  const cells = sweep
    .filter(({ label }) => swept.has(label))
    .toSorted(bySweepOrder)
    .map(sweepCells);
  return titled(
    "Intruders × λ and control arms (change against the base; ΔW/W0 over the edited modules; * not beaten on both sides)",
    sweepColumns,
    cells,
    width,
    style,
  );
}

function bySweepOrder(one: SweepPoint, other: SweepPoint): number {
  if (one.label !== other.label) return one.label < other.label ? -1 : 1;
  if (one.arm !== other.arm) return one.arm < other.arm ? -1 : 1;
  return other.lambda - one.lambda;
}

function sweepCells({ label, arm, lambda, retention, newTask, weights, pareto }: SweepPoint): string[] {
  return [
    shortText(label),
    lambda === 1 ? "as trained" : arm,
    formatThreshold(lambda),
    formatAccuracy(retention.value),
    formatPoints(retention.difference),
    retention.ci95 === null ? undefinedQuantity : formatPointsInterval(retention.ci95),
    formatAccuracy(newTask?.value),
    formatPoints(newTask?.difference),
    newTask?.ci95 ? formatPointsInterval(newTask.ci95) : undefinedQuantity,
    formatShare(weights?.relative),
    pareto ? "*" : "",
  ];
}

export function stageLines({ stages }: AuditDocument, width: number, style: Style): string[] {
  if (stages.length === 0) return [];
  const tasks = [...new Set(stages.flatMap(({ accuracy }) => Object.keys(accuracy)))];
  const columns: Column[] = [
    { title: "stage", align: "left", flexible: { minimum: 8 } },
    { title: "intruders", align: "right" },
    { title: "since last stage", align: "right" },
    ...tasks.map((task): Column => ({ title: shortText(task, 24), align: "right" })),
  ];
  const cells = stages.map((stage) => [
    `${stage.stage} ${shortText(stage.label)}`,
    formatCount(stage.intrudersAgainstBase),
    formatCount(stage.intrudersAgainstPrevious),
    ...tasks.map((task) => stageCell(stage.accuracy[task], stage.forgetting[task])),
  ]);
  return titled("Chain: accuracy (points below the best stage before)", columns, cells, width, style);
}

function stageCell(accuracy: number | undefined, forgetting: number | undefined): string {
  if (accuracy === undefined) return undefinedQuantity;
  const below = forgetting === undefined || forgetting <= 0 ? "" : ` (${formatPoints(-forgetting, 1)})`;
  return formatAccuracy(accuracy) + below;
}

const confoundColumns: readonly Column[] = [
  { title: "property", align: "left" },
  { title: "Spearman", align: "right" },
  { title: "p", align: "right" },
  { title: "partial", align: "right" },
  { title: "runs", align: "right" },
];

const propertyNames: Record<Confound["property"], string> = {
  intruders: "intruder count (partial: given ‖ΔW‖)",
  intruderEnergy: "intruder energy (partial: given ‖ΔW‖)",
  deltaFrobenius: "‖ΔW‖ (partial: given intruder count)",
};

export function confoundLines({ confounds }: AuditDocument, width: number, style: Style): string[] {
  if (confounds.every(({ spearman }) => spearman === null)) return [];
  const number = (value: number | null) => (value === null ? undefinedQuantity : formatSignificant(value, 2));
  const cells = confounds.map(({ property, spearman, pValue, partial, n }) => [
    propertyNames[property],
    number(spearman),
    formatProbability(pValue),
    number(partial),
    formatCount(n),
  ]);
  return titled("Forgetting goes with (all runs of the workspace)", confoundColumns, cells, width, style);
}

function titled(title: string, columns: readonly Column[], cells: string[][], width: number, style: Style): string[] {
  const [head = "", ...lines] = tableLines(columns, cells, width);
  return [style.bold(title), style.dim(head), ...lines];
}
