/** Colour on terminals that want it. */
import type { CliContext, TextOutput } from "../context.ts";

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  good(text: string): string;
  mark(text: string): string;
}

const escapeStart = "\u001b[";

function paint(open: number, close: number): (text: string) => string {
  return (text) => `${escapeStart}${open}m${text}${escapeStart}${close}m`;
}

const coloured: Style = {
  bold: paint(1, 22),
  dim: paint(2, 22),
  warn: paint(33, 39),
  bad: paint(31, 39),
  good: paint(32, 39),
  mark: paint(35, 39),
};

const same = (text: string): string => text;
const plain: Style = { bold: same, dim: same, warn: same, bad: same, good: same, mark: same };

/** Plain unless `output` is a terminal and neither NO_COLOR nor TERM=dumb asks otherwise. */
export function styleFor(context: CliContext, output: TextOutput): Style {
  const { NO_COLOR: noColour, TERM: terminal } = context.environment;
  const wanted = output.isTerminal && (noColour === undefined || noColour === "") && terminal !== "dumb";
  return wanted ? coloured : plain;
}
