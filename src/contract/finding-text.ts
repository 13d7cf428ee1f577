/** A finding's pieces as one sentence; every shell shows the same words. */
import type { FindingPart } from "./domain/finding.ts";
import { formatCount, formatPercent, formatSignificant } from "./format.ts";

/** "23 intruder dimensions", "4.2 %", "37.9"; estimates carry "about". */
export function findingPartText(part: FindingPart): string {
  if ("run" in part) return part.run;
  if ("text" in part) return part.text;
  const about = part.standing === "estimated" ? "about " : "";
  return about + quantityText(part.value, part.unit);
}

function quantityText(value: number, unit: string): string {
  if (unit === "%") return formatPercent(value);
  const number = Number.isInteger(value) ? formatCount(value) : formatSignificant(value);
  return unit === "" ? number : `${number} ${unit}`;
}

export function findingText(parts: readonly FindingPart[]): string {
  return parts.map(findingPartText).join("");
}
