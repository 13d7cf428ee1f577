/** Text of tasks for people: lines stay lines, every other control character is made visible. Pure. */
import { visibleText } from "../../../../src/contract/text.ts";

/** A longer prompt is cut: nobody reads it in a panel, and the page has to draw it. */
const mostCharacters = 20_000;

export interface ItemText {
  lines: readonly string[];
  cut: boolean;
}

export function itemText(text: string): ItemText {
  const head = text.slice(0, mostCharacters);
  const lines = head.split(/\r\n|\n/).map((line) => visibleText(line).replaceAll("\u2409", "\t"));
  return { lines, cut: text.length > mostCharacters };
}

/** A choice as one line; the space in front belongs to its tokens, not to what it says. */
export function choiceText(text: string): string {
  return visibleText(text.slice(0, mostCharacters)).replace(/^ /, "");
}
