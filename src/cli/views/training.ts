/** Fine-tunes: a list, and one with its evaluation and growth. */
import type { TrainingHistory, TrainingRun } from "../../contract/domain/training.ts";
import { formatAccuracy, formatCount, formatEffectiveRank, formatLoss, formatShare } from "../../contract/format.ts";
import { shortText, visibleText } from "../../contract/text.ts";
import type { Style } from "../terminal/style.ts";
import { type Column, tableLines } from "../terminal/table.ts";

const listColumns: readonly Column[] = [
  { title: "run", align: "left", flexible: { minimum: 10 } },
  { title: "method", align: "left" },
  { title: "state", align: "left" },
  { title: "step", align: "right" },
  { title: "loss", align: "right" },
  { title: "started", align: "left", droppable: 1 },
  { title: "id", align: "left", droppable: 2 },
];

export function trainingsText(runs: readonly TrainingRun[], width: number, style: Style): string {
  if (runs.length === 0) return "No fine-tunes were started yet. `deltascope train quick-demo` makes one.\n";
  const [head = "", ...lines] = tableLines(listColumns, runs.map(listRow), width);
  return `${[style.dim(head), ...lines].join("\n")}\n`;
}

function listRow({ name, config, state, step, steps, finalLoss, startedAt, id }: TrainingRun): string[] {
  return [
    shortText(name),
    config.method === "full" ? "full" : `${config.method} r${config.lora.rank}`,
    state,
    steps === null ? "–" : `${formatCount(step)}/${formatCount(steps)}`,
    formatLoss(finalLoss),
    startedAt === null ? "–" : startedAt.slice(0, 16).replace("T", " "),
    shortText(id),
  ];
}

export function trainingText(history: TrainingHistory, width: number, style: Style): string {
  const { run } = history;
  const loss = run.finalLoss ?? history.progress.at(-1)?.loss ?? null;
  const head = [
    style.bold(visibleText(run.name)),
    `${run.state} · step ${formatCount(run.step)} of ${run.steps === null ? "–" : formatCount(run.steps)} · loss ${formatLoss(loss)}`,
    ...run.outputs.map(({ kind, path }) => `${kind}: ${visibleText(path)}`),
    ...(run.outputs.length === 0 ? [`folder: ${visibleText(run.folder)}`] : []),
    ...warningLines(history).map((line) => style.warn(line)),
    ...(run.error ? [style.bad(visibleText(`${run.error.code}: ${run.error.message}`))] : []),
  ];
  const tables = [evalLines(history, width), growthLines(history, width)].filter((lines) => lines.length > 0);
  const titled = tables.flatMap(([title = "", ...lines]) => ["", style.dim(title), ...lines]);
  return `${[...head, ...titled].join("\n")}\n`;
}

/** What the trainer warned of, said once however often it resumed. */
export function warningLines({ warnings }: TrainingHistory): string[] {
  return [...new Set(warnings.map(({ code, message }) => visibleText(`${code}: ${message}`)))];
}

const evalColumns: readonly Column[] = [
  { title: "step", align: "right" },
  { title: "task", align: "left", flexible: { minimum: 8 } },
  { title: "items", align: "right" },
  { title: "accuracy", align: "right" },
  { title: "loss", align: "right" },
];

function evalLines({ evals }: TrainingHistory, width: number): string[] {
  if (evals.length === 0) return [];
  const rows = evals.map(({ step, task, n, accuracy, loss }) => [
    ...[formatCount(step), shortText(task), formatCount(n)],
    ...[accuracy === null ? "–" : formatAccuracy(accuracy), formatLoss(loss)],
  ]);
  return tableLines(evalColumns, rows, width);
}

const growthColumns: readonly Column[] = [
  { title: "step", align: "right" },
  { title: "intruders", align: "right" },
  { title: "effective rank", align: "right" },
  { title: "range", align: "left" },
  { title: "relative ΔW", align: "right" },
];

function growthLines({ growth }: TrainingHistory, width: number): string[] {
  if (growth.length === 0) return [];
  const rows = growth.map(({ step, intruders, effectiveRank: { median, low, high }, relativeDelta }) => [
    formatCount(step),
    formatCount(Object.values(intruders).reduce((sum, count) => sum + count, 0)),
    formatEffectiveRank(median),
    `${formatEffectiveRank(low)}–${formatEffectiveRank(high)}`,
    formatShare(relativeDelta),
  ]);
  return tableLines(growthColumns, rows, width);
}
