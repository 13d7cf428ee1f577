/** The doctor's lines: a word, what was found, and the remedy below. */
import type { DoctorLine } from "../../contract/api.ts";
import { visibleText } from "../../contract/text.ts";
import type { Style } from "../terminal/style.ts";
import { padEnd, wrap } from "../terminal/width.ts";

const statusWidth = 9;

export function doctorText(checks: readonly DoctorLine[], width: number, style: Style): string {
  const checkWidth = Math.max(...checks.map(({ check }) => check.length), 0) + 2;
  const indent = " ".repeat(statusWidth + checkWidth);
  const lines = checks.flatMap(({ check, status, detail, remedy }) => {
    const head = padEnd(status, statusWidth) + padEnd(check, checkWidth);
    const [first = "", ...rest] = wrap(head + visibleText(detail), width, indent);
    const painted = paint(style, status)(status) + first.slice(status.length);
    const advice = remedy === undefined ? [] : wrap(`${indent}→ ${visibleText(remedy)}`, width, `${indent}  `);
    return [painted, ...rest, ...advice];
  });
  return `${lines.join("\n")}\n`;
}

function paint(style: Style, status: DoctorLine["status"]): (text: string) => string {
  if (status === "ok") return style.good;
  return status === "warning" ? style.warn : style.bad;
}
