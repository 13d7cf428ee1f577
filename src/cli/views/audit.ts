/** An audit for people: findings first, then the tables of forgetting, the sweep, the chain, and what was odd. */
import type { AuditDocument } from "../../contract/domain/audit.ts";
import { formatNumberOf, formatSeconds, formatThreshold } from "../../contract/format.ts";
import { messageAtPlace, shortText, visibleText } from "../../contract/text.ts";
import type { Style } from "../terminal/style.ts";
import { fit, wrap } from "../terminal/width.ts";
import { alertLines } from "./alerts.ts";
import { confoundLines, forgettingLines, stageLines, sweepLines } from "./audit-tables.ts";

const bullet = "• ";

export function auditText(document: AuditDocument, width: number, style: Style): string {
  const blocks = [
    headLines(document, width, style),
    document.findings.flatMap(({ text }) => wrap(bullet + visibleText(text), width, "  ")),
    forgettingLines(document, width, style),
    sweepLines(document, width, style),
    stageLines(document, width, style),
    confoundLines(document, width, style),
    alertLines(document.alerts, width, style),
    failureLines(document, width, style),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headLines({ base, baseline, settings, seconds }: AuditDocument, width: number, style: Style): string[] {
  const items = baseline.reduce((sum, task) => sum + task.items, 0);
  const facts = [
    `${formatNumberOf(baseline.length, "task")}, ${formatNumberOf(items, "item")}`,
    ...(settings.limit === undefined ? [] : [`sample of ${settings.limit}, seed ${settings.seed}`]),
    `k ${settings.k}, ε ${formatThreshold(settings.epsilon)}`,
    `intervals: ${settings.bootstrapDraws} draws, seed ${settings.bootstrapSeed}`,
    formatSeconds(seconds),
  ];
  return [style.bold(fit(`Base ${visibleText(base.path)}`, width)), ...wrap(facts.join(" · "), width).map(style.dim)];
}

function failureLines({ failures }: AuditDocument, width: number, style: Style): string[] {
  return failures.flatMap(({ label, error }) => {
    const line = `Left out: ${shortText(label)}: ${error.code}: ${visibleText(messageAtPlace(error))}`;
    return wrap(line, width, "  ").map((text) => style.bad(text));
  });
}
