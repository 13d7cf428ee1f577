/** Text from files as people may see it: nothing invisible, nothing that reorders the line, nothing endless. */

/** Longest text shown whole; the rest stands in the tooltip. */
export const shownCharacters = 120;
/** Longest text of a tooltip: more would cover the screen. */
const tooltipCharacters = 2000;

// Control and format characters (zero-width, direction marks, tags), line separators, fillers.
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164]/gu;

/** Control and direction marks as symbols: "␀", "⟨U+202E⟩". */
export function visibleText(text: string): string {
  return text.replace(hidden, (mark) => symbolOf(mark.codePointAt(0) ?? 0));
}

function symbolOf(code: number): string {
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/** At most `limit` characters, with an ellipsis when something is missing. */
export function cutText(text: string, limit: number = shownCharacters): string {
  const characters = [...text.slice(0, limit * 2)];
  return characters.length <= limit && text.length <= limit * 2 ? text : `${characters.slice(0, limit - 1).join("")}…`;
}

/** What is shown, and the whole for the tooltip where they differ. */
export function shownText(text: string, limit: number = shownCharacters): { shown: string; whole: string | undefined } {
  const head = visibleText(text.slice(0, tooltipCharacters));
  const shown = cutText(head, limit);
  return {
    shown,
    whole: shown === head && text.length <= tooltipCharacters ? undefined : cutText(head, tooltipCharacters),
  };
}
