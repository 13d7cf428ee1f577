/** An evaluation for people: what was scored, a row per task, and what was odd. */
import type { KnownTask } from "../../contract/api.ts";
import type { EvaluationDocument } from "../../contract/domain/evaluation.ts";
import {
  formatAccuracy,
  formatBitsPerByte,
  formatCount,
  formatNumberOf,
  formatSeconds,
  formatSignificant,
} from "../../contract/format.ts";
import { shortText, visibleText } from "../../contract/text.ts";
import type { Style } from "../terminal/style.ts";
import { type Column, tableLines } from "../terminal/table.ts";
import { fit, wrap } from "../terminal/width.ts";
import { alertLines } from "./alerts.ts";

const choiceColumns: readonly Column[] = [
  { title: "task", align: "left", flexible: { minimum: 8 } },
  { title: "items", align: "right" },
  { title: "acc", align: "right" },
  { title: "± stderr", align: "right" },
  { title: "acc_norm", align: "right" },
  { title: "± stderr", align: "right", droppable: 3 },
  { title: "acc_bytes", align: "right", droppable: 2 },
  { title: "errors", align: "right", droppable: 1 },
];

const textColumns: readonly Column[] = [
  { title: "task", align: "left", flexible: { minimum: 8 } },
  { title: "documents", align: "right" },
  { title: "tokens", align: "right", droppable: 1 },
  { title: "word perplexity", align: "right" },
  { title: "byte perplexity", align: "right", droppable: 2 },
  { title: "bits per byte", align: "right" },
];

export function evaluationText(document: EvaluationDocument, width: number, style: Style): string {
  const blocks = [
    headLines(document, width, style),
    table(choiceColumns, document.tasks.map(choiceRow), width, style),
    table(textColumns, document.perplexity.map(textRow), width, style),
    alertLines(document.alerts, width, style),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headLines({ model, adapter, settings, provenance }: EvaluationDocument, width: number, style: Style) {
  const on = adapter === null ? "" : ` + ${visibleText(adapter.path)}`;
  const facts = [
    `window ${formatCount(settings.maxLength)} tokens`,
    `prefix token ${settings.prefixToken}`,
    `${formatCount(settings.vocabRows)} output rows`,
    ...(settings.limit === undefined ? [] : [`sample of ${settings.limit}, seed ${settings.seed}`]),
    ...(settings.chatTemplate ? ["chat template"] : []),
    provenance.method,
    workOf(provenance),
  ];
  return [style.bold(fit(visibleText(model.path) + on, width)), ...wrap(facts.join(" · "), width).map(style.dim)];
}

function workOf({ tokens, reused, seconds }: EvaluationDocument["provenance"]): string {
  const kept = reused > 0 ? `${formatNumberOf(reused, "item")} from the workspace, ` : "";
  return `${kept}${formatNumberOf(tokens, "token")} run in ${formatSeconds(seconds)}`;
}

function table(columns: readonly Column[], rows: readonly string[][], width: number, style: Style): string[] {
  if (rows.length === 0) return [];
  const [head = "", ...lines] = tableLines(columns, rows, width);
  return [style.dim(head), ...lines];
}

function choiceRow({ task, items, metrics, errors }: EvaluationDocument["tasks"][number]): string[] {
  return [
    shortText(task),
    formatCount(items),
    formatAccuracy(metrics.acc),
    formatAccuracy(metrics.acc_stderr),
    formatAccuracy(metrics.acc_norm),
    formatAccuracy(metrics.acc_norm_stderr),
    formatAccuracy(metrics.acc_bytes),
    errors.length === 0 ? "" : formatCount(errors.length),
  ];
}

function textRow(result: EvaluationDocument["perplexity"][number]): string[] {
  return [
    shortText(result.task),
    formatCount(result.items),
    formatCount(result.tokens),
    formatSignificant(result.word_perplexity, 5),
    formatSignificant(result.byte_perplexity, 5),
    formatBitsPerByte(result.bits_per_byte),
  ];
}

const taskColumns: readonly Column[] = [
  { title: "task", align: "left" },
  { title: "items", align: "right" },
  { title: "data", align: "left", flexible: { minimum: 12 } },
];

/** Ready-made tasks; of each the file that was found, or who publishes it. */
export function knownTasksText(tasks: readonly KnownTask[], width: number, style: Style): string {
  const rows = tasks.map(({ name, items, file, repository }) => [
    name,
    items === null ? "" : formatCount(items),
    file === null ? `not on this machine; published as ${repository ?? "a file of its own"}` : visibleText(file),
  ]);
  return `${table(taskColumns, rows, width, style).join("\n")}\n`;
}
