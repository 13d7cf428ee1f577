/** Words of a filter: text between blanks, kept whole inside quotes, with comparisons joined to one word. */

export interface Token {
  text: string;
  /** Place in the typed text. */
  start: number;
  end: number;
  /** Written in quotes: always plain text. */
  quoted: boolean;
}

const comparison = new Set([">", "<", "=", "!", "≥", "≤"]);

export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (isBlank(text[at])) {
      at += 1;
      continue;
    }
    const token = text[at] === '"' ? quotedToken(text, at) : wordToken(text, at);
    found.push(token);
    at = token.end;
  }
  return found;
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t" || character === "\u00a0" || character === "\n";
}

function quotedToken(text: string, start: number): Token {
  const close = text.indexOf('"', start + 1);
  const end = close < 0 ? text.length : close + 1;
  return { text: text.slice(start + 1, close < 0 ? text.length : close), start, end, quoted: true };
}

/** Blanks around a comparison belong to it: "intruders > 0" is one word. */
function wordToken(text: string, start: number): Token {
  let end = start;
  let word = "";
  while (end < text.length) {
    const character = text[end] ?? "";
    if (isBlank(character)) {
      const next = skipBlanks(text, end);
      if (!joins(word, text[next])) break;
      end = next;
      continue;
    }
    word += character;
    end += 1;
  }
  return { text: word, start, end, quoted: false };
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text[at])) at += 1;
  return at;
}

function joins(word: string, next: string | undefined): boolean {
  if (next === undefined) return false;
  const last = word.at(-1) ?? "";
  return comparison.has(last) || (comparison.has(next) && word !== "or");
}
