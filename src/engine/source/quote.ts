/** Names from files in messages: hostile names may hold line breaks, terminal escapes, or thousands of letters. */

/** Longest part of a name that a message shows. */
const SHOWN_LETTERS = 160;

/** The name in double quotes, control characters and bidirectional marks escaped, cut when long. */
export function quote(name: string): string {
  const cut = name.length > SHOWN_LETTERS ? `${name.slice(0, SHOWN_LETTERS)}…` : name;
  return JSON.stringify(cut).replace(/[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, escapeLetter);
}

/** At most `limit` quoted names, and how many more there are. */
export function quoteSome(names: readonly string[], limit = 5): string {
  const shown = names.slice(0, limit).map(quote).join(", ");
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}

function escapeLetter(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
