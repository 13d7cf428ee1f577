/**
 * Objects of JSON in the order of the file. JavaScript moves keys that look like numbers to the front, and the first
 * pattern that matches wins, so the order of `rank_pattern` and `alpha_pattern` must be the file's.
 */

/** A string literal of JSON, with the colon when it is a key. No alternative overlaps another, so this is linear. */
const STRING_LITERAL = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/gsu;

/** In front of every key, so that none looks like a number. */
const MARK = "=";

/** Entries of the object at `key` of the top-level object; none where there is no object. */
export function orderedEntries(text: string, key: string): [string, unknown][] {
  const marked = text.replace(STRING_LITERAL, (literal, colon: string | undefined) =>
    colon === undefined ? literal : `"${MARK}${literal.slice(1)}`,
  );
  const top: unknown = JSON.parse(marked);
  const value = isObject(top) ? ownValue(top, MARK + key) : undefined;
  if (!isObject(value)) return [];
  return Object.entries(value).map(([name, entry]) => [name.slice(MARK.length), entry]);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function ownValue(object: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
