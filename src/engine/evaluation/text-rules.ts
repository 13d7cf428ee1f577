/** How Python sees text: white space, characters, words. lm-evaluation-harness's figures depend on each of them. */

/**
 * What `str.isspace()` and Python's `\s` agree on. JavaScript's `\s` and `trimEnd` differ: they know U+FEFF and lack
 * U+001C to U+001F and U+0085.
 */
export const PYTHON_SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const SPACE = new RegExp(`[${PYTHON_SPACE}]`, "u");

/** Place where the white space at the end begins; no pattern is used, because one would be quadratic in long runs. */
function endOfWords(text: string): number {
  let end = text.length;
  while (end > 0 && SPACE.test(text.charAt(end - 1))) end--;
  return end;
}

/** `str.rstrip()`, and what it took away. */
export function splitTrailingSpace(text: string): { text: string; space: string } {
  const end = endOfWords(text);
  return { text: text.slice(0, end), space: text.slice(end) };
}

/** `str.lstrip()`. */
export function trimStart(text: string): string {
  let start = 0;
  while (start < text.length && SPACE.test(text.charAt(start))) start++;
  return text.slice(start);
}

/** `str.strip()`. */
export function trim(text: string): string {
  return trimStart(text.slice(0, endOfWords(text)));
}

/** `len(text)`: characters are code points, not UTF-16 units. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Length in UTF-8. */
export function countBytes(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

/** `len(re.split(r"\s+", text))`: one more than the runs of white space, so those at both ends count too. */
export function countWords(text: string): number {
  let runs = 0;
  let inside = false;
  for (let at = 0; at < text.length; at++) {
    const space = SPACE.test(text.charAt(at));
    if (space && !inside) runs++;
    inside = space;
  }
  return runs + 1;
}

/** `str.capitalize()`: the first character in title case ("ß" gives "Ss"), all others in lower case. */
export function capitalize(text: string): string {
  const [first = ""] = text;
  const [head = "", ...tail] = first.toUpperCase();
  // Lower case is asked of the whole text: a sigma at the end of a word has a form of its own.
  return head + tail.join("").toLowerCase() + text.toLowerCase().slice(first.toLowerCase().length);
}
