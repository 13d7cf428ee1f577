/** An analysis for people: findings first, then the runs, where the intruders sit, and what was odd. */
import type { AnalysisDocument } from "../../contract/domain/analysis.ts";
import { formatParameters, formatSeconds, formatThreshold } from "../../contract/format.ts";
import { messageAtPlace, shortText, visibleText } from "../../contract/text.ts";
import type { Style } from "../terminal/style.ts";
import { fit, wrap } from "../terminal/width.ts";
import { alertLines } from "./alerts.ts";
import { intruderSketch } from "./intruder-sketch.ts";
import { runTable } from "./run-table.ts";

const bullet = "• ";

export function analysisText(document: AnalysisDocument, width: number, style: Style): string {
  const blocks = [
    headLines(document, width, style),
    findingLines(document, width),
    runTable(document, width, style),
    ...document.runs.map((run) => intruderSketch(run, width, style)),
    alertLines(document.alerts, width, style),
    failureLines(document, width, style),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headLines({ base, settings, seconds, provenance }: AnalysisDocument, width: number, style: Style): string[] {
  const name = visibleText(base.path);
  const facts = [
    base.architecture ?? "unknown architecture",
    `${formatParameters(base.parameters)} parameters`,
    base.dtype,
  ];
  const test = settings.quick
    ? "quick: no intruders"
    : `k ${settings.k}, ε ${formatThreshold(settings.epsilon)}, ${settings.side === "both" ? "both sides" : `${settings.side} vectors`}`;
  const reused = provenance.reused > 0 ? `, ${provenance.reused} modules from the workspace` : "";
  return [
    style.bold(fit(`Base ${name}`, width)),
    fit(facts.map((fact) => shortText(fact)).join(" · "), width),
    style.dim(fit(`${test} · ${formatSeconds(seconds)}${reused}`, width)),
  ];
}

function findingLines({ findings }: AnalysisDocument, width: number): string[] {
  return findings.flatMap(({ text }) => wrap(bullet + visibleText(text), width, "  "));
}

function failureLines({ failures }: AnalysisDocument, width: number, style: Style): string[] {
  return failures.flatMap(({ label, error }) => {
    const line = `Left out: ${shortText(label)}: ${error.code}: ${visibleText(messageAtPlace(error))}`;
    return wrap(line, width, "  ").map((text) => style.bad(text));
  });
}
