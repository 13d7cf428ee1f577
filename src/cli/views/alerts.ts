/** Alerts by code: how often, the first message, and what to do. */
import type { Alert } from "../../contract/alerts.ts";
import { messageAtPlace, visibleText } from "../../contract/text.ts";
import type { Style } from "../terminal/style.ts";
import { wrap } from "../terminal/width.ts";

const order: readonly Alert["severity"][] = ["error", "warning", "info"];

export function alertLines(
  alerts: readonly (Alert & { run?: string | undefined })[],
  width: number,
  style: Style,
): string[] {
  const groups = Map.groupBy(alerts, ({ severity, code }) => `${order.indexOf(severity)} ${code}`);
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, group]) => groupLines(group, width, style));
}

function groupLines(group: readonly (Alert & { run?: string | undefined })[], width: number, style: Style): string[] {
  const first = group[0];
  if (first === undefined) return [];
  const count = group.length > 1 ? ` ×${group.length}` : "";
  const run = first.run === undefined ? "" : `${first.run}: `;
  const message = `${first.severity} ${first.code}${count}: ${visibleText(run + messageAtPlace(first))}`;
  const paint = first.severity === "error" ? style.bad : first.severity === "warning" ? style.warn : style.dim;
  return [
    ...wrap(message, width, "  ").map((line) => paint(line)),
    ...wrap(`  tip: ${visibleText(first.tip)}`, width, "    "),
  ];
}
