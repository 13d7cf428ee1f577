/**
 * Objects of JSON in the order of the file. JavaScript moves keys that look like numbers to the front, and the first
 * pattern that matches wins, so the order of `rank_pattern` and `alpha_pattern` must be the file's.
 */
import { DeltaScopeError } from "../../contract/errors.ts";
import type { Steps } from "../turns.ts";

const QUOTE = '"';
/** In front of every key, so that none looks like a number. */
const MARK = "=";
/** Blanks between a key and its colon; sticky, so that it looks at one place only. */
const COLON = /[ \t\r\n]*:/uy;

/** What JavaScript moves to the front: a whole number as it would print it. */
const MOVED_KEY = /^(?:0|[1-9]\d{0,9})$/u;

/** Longest text, in bytes, that is read once more for the order of its keys: that cannot be done in turns. */
const REREAD_BYTES_MAXIMUM = 2 ** 18;

/**
 * Entries of `parsed`, which is the object at `key` of the top-level object of `text`, in the order of the file. Only
 * where a key was moved the text is read once more. Throws `adapter.config-invalid` where it is too long for that.
 */
export function* inFileOrder(parsed: Record<string, unknown>, text: Buffer, key: string): Steps<[string, unknown][]> {
  const entries: [string, unknown][] = [];
  for (const name of Object.keys(parsed)) {
    yield;
    if (MOVED_KEY.test(name)) return reread(text, key, name);
    entries.push([name, parsed[name]]);
  }
  return entries;
}

function reread(text: Buffer, key: string, moved: string): [string, unknown][] {
  if (text.length <= REREAD_BYTES_MAXIMUM) return orderedEntries(text.toString(), key);
  const message = `adapter_config.json: \`${key}\` has the pattern "${moved}", whose place among the others is only read in files of up to ${REREAD_BYTES_MAXIMUM} bytes.`;
  throw new DeltaScopeError("adapter.config-invalid", message, "adapter_config.json");
}

/** Entries of the object at `key` of the top-level object; none where there is no object. `text` is valid JSON. */
export function orderedEntries(text: string, key: string): [string, unknown][] {
  const top: unknown = JSON.parse(markKeys(text));
  const value = isObject(top) ? top[MARK + key] : undefined;
  if (!isObject(value)) return [];
  return Object.entries(value).map(([name, entry]) => [name.slice(MARK.length), entry]);
}

/** The text with `MARK` in front of every key. One pass: a regular expression over whole strings would overflow. */
function markKeys(text: string): string {
  const pieces: string[] = [];
  let done = 0;
  for (let start = text.indexOf(QUOTE); start !== -1; start = text.indexOf(QUOTE, start)) {
    const end = endOfString(text, start);
    COLON.lastIndex = end;
    if (COLON.test(text)) {
      pieces.push(text.slice(done, start + 1), MARK);
      done = start + 1;
    }
    start = end;
  }
  return pieces.join("") + text.slice(done);
}

/** The place behind the closing quote: the first one with an even number of backslashes in front of it. */
function endOfString(text: string, start: number): number {
  for (let place = text.indexOf(QUOTE, start + 1); place !== -1; place = text.indexOf(QUOTE, place + 1)) {
    let backslashes = 0;
    while (text[place - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return place + 1;
  }
  return text.length;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
