/** A finding's pieces as one sentence; every shell shows the same words. */
import type { FindingPart } from "./domain/finding.ts";
import { formatCount, formatPercent, formatPoints, formatSignificant } from "./format.ts";

/** "23 intruder dimensions", "4.2 %", "−2.0 points", "37.9"; estimates carry "about". */
export function findingPartText(part: FindingPart): string {
  if ("run" in part) return part.run;
  if ("text" in part) return part.text;
  const about = part.standing === "estimated" ? "about " : "";
  return about + quantityText(part.value, part.unit);
}

function quantityText(value: number, unit: string): string {
  if (unit === "%") return formatPercent(value);
  // A plus stands in the text before it, where the sentence wants one.
  if (unit === "points") return `${formatPoints(value / 100, 1).replace("+", "")} points`;
  const number = Number.isInteger(value) ? formatCount(value) : formatSignificant(value);
  return unit === "" ? number : `${number} ${unit}`;
}

export function findingText(parts: readonly FindingPart[]): string {
  return parts.map(findingPartText).join("");
}
